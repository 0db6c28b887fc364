package dev.iovabitmap.conformance.rules.hw;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.subject.Device;
import dev.iovabitmap.conformance.subject.EachVariant;
import dev.iovabitmap.conformance.subject.Needs;
import dev.iovabitmap.conformance.subject.Neighbour;
import dev.iovabitmap.conformance.subject.NotOffered;
import dev.iovabitmap.conformance.subject.Places;
import dev.iovabitmap.conformance.subject.Tracking;
import dev.iovabitmap.conformance.subject.View;
import dev.iovabitmap.spi.Feature;
import java.util.Optional;

/**
 * Other devices write to the same memory, and what tracks the first may know nothing of them. A session that cannot tell what
 * they write is refused, or says that everything is dirty; a device that is refused writes nothing.
 */
public class NeighbourTest {
    /** What a test does with one kind of neighbour; tells whether there was anything to see. */
    private interface Trial {
        boolean of(Device device, String neighbour);
    }

    private static void each(String variant, Trial trial) {
        boolean tried = false;
        int kinds = 1;
        for (int kind = 0; kind < kinds; kind++) {
            try (Device device = Device.open(variant)) {
                kinds = device.neighbours().size();
                tried |= trial.of(device, device.neighbours().get(kind));
            }
        }
        if (!tried) {
            throw NotOffered.because("the backend refuses each of the harness's other devices, or a session beside it");
        }
    }

    private static void bothWrite(Device device, Neighbour neighbour) {
        for (IovaRange range : device.trackable()) {
            device.writeSome(range, 1);
            neighbour.writeSome(range);
        }
    }

    /** Both devices are there when the session starts: mixed ones, of which perhaps only one can be tracked. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void aDeviceThatIsThereBefore(String variant) {
        each(variant, (device, name) -> {
            Optional<Neighbour> plugged = device.plug(name);
            if (plugged.isEmpty()) {
                return false;
            }
            try (Neighbour neighbour = plugged.get()) {
                Optional<Tracking> started = device.trackUnlessRefused();
                if (started.isEmpty()) {
                    if (neighbour.isTracked()) {
                        throw device.failure("a session beside " + name + ", which is tracked, is refused", null);
                    }
                    return true; // nothing is said of what is not tracked
                }
                try (Tracking session = started.get()) {
                    for (int round = 0; round < 3; round++) {
                        bothWrite(device, neighbour);
                        SupersetTest.takeTheRest(session);
                    }
                }
            }
            return true;
        });
    }

    /** A device comes while a session runs, and writes at once. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void aDeviceThatComes(String variant) {
        each(variant, (device, name) -> {
            try (Tracking session = device.track()) {
                device.writeSome(device.longest(), 2);
                Optional<Neighbour> plugged = device.plug(name);
                plugged.ifPresent(neighbour -> bothWrite(device, neighbour));
                SupersetTest.takeTheRest(session); // also what was written before a device that did not come
                if (plugged.isEmpty()) {
                    return false;
                }
                try (Neighbour neighbour = plugged.get()) {
                    bothWrite(device, neighbour);
                    try (View part =
                            session.view(Places.some(device.random(), Places.any(device.random(), session.ranges())))) {
                        part.harvest();
                    }
                    SupersetTest.takeTheRest(session);
                }
            }
            return true;
        });
    }

    /** A device goes, one that came meanwhile or was there before: what it wrote is reported, and the first is still tracked. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void aDeviceThatGoes(String variant) {
        each(variant, (device, name) -> {
            try (Tracking session = device.track()) {
                boolean came = false;
                for (int round = 0; round < 2; round++) {
                    Optional<Neighbour> plugged = device.plug(name);
                    came |= plugged.isPresent();
                    plugged.ifPresent(neighbour -> {
                        try (neighbour) {
                            bothWrite(device, neighbour);
                        }
                    });
                    device.writeSome(device.longest(), 2);
                    SupersetTest.takeTheRest(session);
                    device.writeSome(device.longest(), 2);
                    SupersetTest.takeTheRest(session);
                }
                return came;
            }
        });
    }

    /** A device that was there before the session goes while it runs. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-13"})
    void aDeviceThatWasThereGoes(String variant) {
        each(variant, (device, name) -> {
            Optional<Neighbour> plugged = device.plug(name);
            if (plugged.isEmpty()) {
                return false;
            }
            Optional<Tracking> started;
            try (Neighbour neighbour = plugged.get()) {
                started = device.trackUnlessRefused();
                if (started.isPresent()) {
                    bothWrite(device, neighbour);
                }
            }
            if (started.isEmpty()) {
                return false;
            }
            try (Tracking session = started.get()) {
                SupersetTest.takeTheRest(session);
                device.writeSome(device.longest(), 2);
                SupersetTest.takeTheRest(session);
            }
            return true;
        });
    }

    /** The first device writes on while another comes and goes, between any two calls of the backend. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies({"HW-1", "HW-5", "HW-13"})
    void writesWhileADeviceComesAndGoes(String variant) {
        each(variant, (device, name) -> {
            try (Tracking session = device.track()) {
                boolean[] came = new boolean[1];
                device.interleaved(
                        () -> device.plug(name).ifPresent(neighbour -> {
                            came[0] = true;
                            neighbour.close();
                        }),
                        () -> device.writeSome(device.longest(), 1));
                SupersetTest.takeTheRest(session);
                return came[0];
            }
        });
    }

    /** Where reports are exact they stay so with another device that is tracked: it comes, and nothing is dirty but for writes. */
    @EachVariant
    @Needs(Feature.HARDWARE)
    @Verifies("HW-1")
    void aDeviceThatIsTrackedIsExact(String variant) {
        each(variant, (device, name) -> {
            device.requireExact();
            try (Tracking session = device.track()) {
                Optional<Neighbour> plugged = device.plug(name);
                if (plugged.isEmpty()) {
                    return false;
                }
                try (Neighbour neighbour = plugged.get()) {
                    if (!neighbour.isTracked()) {
                        return false;
                    }
                    for (IovaRange range : ExactTest.ranges(device, session.granule())) {
                        device.write(range.iova(), 1);
                        neighbour.writeSome(range);
                        for (int i = 0; i < 3; i++) {
                            try (View view = session.view(Places.aligned(device.random(), range, session.granule()))) {
                                view.harvestExactly(session.granule());
                            }
                        }
                    }
                    SupersetTest.takeTheRest(session);
                }
                return true;
            }
        });
    }
}
