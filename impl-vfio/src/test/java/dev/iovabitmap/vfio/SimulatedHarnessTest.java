package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.spi.HardwareHarness.Neighbour;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The suite lets a backend refuse other devices, and so would pass one that refuses all. This one refuses none. */
class SimulatedHarnessTest {
    private static final long PAGE = 4096;

    @ParameterizedTest
    @EnumSource
    void everyNeighbourComesWhileASessionRuns(SimulatedTransport transport) {
        try (HardwareHarness harness = SimulatedHarness.open(transport, null)) {
            assertFalse(harness.neighbours().isEmpty());
            for (String name : harness.neighbours()) {
                try (DirtyTracker session = harness.track(harness.trackable(), PAGE);
                        Neighbour neighbour = harness.plug(name)) {
                    neighbour.write(session.ranges().getFirst().iova(), 1);
                }
            }
            assertEquals(0, harness.held().get("sessions"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyNeighbourMayBeThereBefore(SimulatedTransport transport) {
        try (HardwareHarness harness = SimulatedHarness.open(transport, null)) {
            for (String name : harness.neighbours()) {
                try (Neighbour neighbour = harness.plug(name);
                        DirtyTracker session = harness.track(harness.trackable(), PAGE)) {
                    neighbour.write(session.ranges().getFirst().iova(), 1);
                }
            }
            assertEquals(0, harness.held().get("sessions"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void duplicatesAreTheSameDevice(SimulatedTransport transport) {
        try (HardwareHarness harness = SimulatedHarness.open(transport, null)) {
            long descriptors = harness.held().get("descriptors");
            List<HardwareHarness> duplicates = harness.duplicates();
            assertEquals(2, duplicates.size());
            for (HardwareHarness duplicate : duplicates) {
                try (DirtyTracker session = harness.track(harness.trackable(), PAGE)) {
                    assertThrows(IllegalStateException.class, () -> duplicate.track(session.ranges(), PAGE));
                }
                duplicate.track(harness.trackable(), PAGE).close();
            }
            duplicates.forEach(HardwareHarness::close);
            assertEquals(descriptors, harness.held().get("descriptors"));
        }
    }
}
