package dev.iovabitmap.vfio.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.iovabitmap.vfio.machine.Machine.Wrong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts by themselves, and those that were lost with once. */
class ScriptTest {
    /** Each ended with pages lost, or with a report that failed, before sessions were over what tracks each device. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                // 1. A device that nothing tracks: mediated, behind an IOMMU without dirty bits, or not passed to the
                // session.
                "V6_12/PLAIN/2/3/2/0/0/0 space.2 device device.0.1 map track.3 write.1",
                "V6_12/PLAIN/2/3/2/0/0/0 space.2 device device.0.1 map track_mappings.1 write.1",
                "V6_18/PLAIN/2/3/0/2/2/0 space.2 device device.0.1 map track.3 write.1",
                "V6_18/HUGE_SKIPS/3/0/0/4/2/1 space.2 device device.0.1 map track.26 write",
                // 2. A device that comes while a session runs: mediated, behind another IOMMU, or with a log of its
                // own.
                "V6_12/PLAIN/2/3/2/0/0/0 space.2 device map track.1 device.0.1 write.1",
                "V6_12/PLAIN/2/3/0/2/0/0 space.2 device map track.1 device.0.1 write.1",
                "V6_12/PDS/2/0/0/1/1/0 space.2 map.0.18 device.0.1 track.1 device write.0.6",
                "V6_12/PLAIN/1/0/0/0/0/0 space.14 device map track_mappings.1 close_device fail.25 device write",
                // A device that goes: what it writes between the last report of its log and its end.
                "V6_18/HUGE/1/0/0/0/2/0 space.2 device map.0.1 track.1 write_between.0.1.0.1 close_device",
                "V6_1/PLAIN/1/0/0/0/0/0 space.0.1 device map track.1 write_between.0.0.0.1 close_device",
                // 3. Ranges of a log that are not whole groups of 64 granules.
                "V6_12/COMBINES_AND_ACKNOWLEDGES/1/0/0/0/0/0 space.2 device map.0.2 track.1.2 write.0.2",
                "V6_12/PDS/1/0/0/0/0/0 space.2 device map.0.2 track.1.2 write.0.2",
                "V6_18/PDS/1/0/1/1/0/0 owner owner_attach adopt track.1.5.11",
                // 4. A write between the last report of a mapping and its end.
                "V6_12/PLAIN/1/0/0/0/0/0 space.2 device map track_mappings.1 write_between.0.0.0.1 unmap map",
                // 5. Somebody else unmaps.
                "V6_12/PLAIN/1/0/0/0/0/0 owner.1.1 adopt owner_map track_mappings.1 write owner_unmap",
                "V6_1/PLAIN/1/0/0/1/0/0 owner.0.1 adopt owner_map track_mappings.1 write owner_unmap",
                // 6. Two objects over one page table, one container or one log: through another Vfio, or another
                // descriptor.
                "V6_12/PLAIN/1/0/0/0/0/0 owner.1.1 adopt adopt.1 owner_map track_mappings.1 write track_mappings.2",
                "V6_19/HUGE_SKIPS/1/0/0/2/0/0 owner.1.1 adopt adopt.0.0.1 track_mappings.1 owner_map write track_mappings.10",
                "V6_12/PLAIN/1/5/0/0/0/1 owner.1.1 adopt adopt.0.0.1 track.10 track.1 owner_map.0.1 write.0.1",
                "V6_19/PDS/3/2/3/0/1/2 owner.0.1 adopt adopt.0.0.1 owner_map track_mappings.6 track_mappings.1 stop",
                // 7. What is owed after a failed report, and a session over other addresses in between.
                "V6_12/PLAIN/1/0/0/0/0/0 space.2 device map map.0.2 track_mappings.1.5 write fail_report.0.0.1 harvest.0.2"
                        + " stop track_mappings.1.17 harvest stop track_mappings.1.5",
                // 8. An entry of several items on an AMD host.
                "V6_19/PLAIN/1/0/0/0/0/1 space.2 device map.0.5 track_mappings.1 write.0.5.1",
            })
    void isWrongNoLonger(String line) {
        Script script = Script.parse(line);
        assertEquals(line, script.toString());
        Wrong wrong = Machine.run(script);
        assertNull(wrong, () -> wrong.getMessage());
    }

    @Test
    void isReadFromTheLineThatItIsPrintedOn() {
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            Script script = Script.random(random);
            assertEquals(script, Script.parse(script.toString()));
        }
    }

    /** It leaves out what has nothing to do with the failure. */
    @Test
    void isShrunk() {
        Script script = Script.random(new Random(8));
        Script small = Shrinker.shrink(
                script,
                candidate -> candidate.steps().stream().anyMatch(step -> step.op() == Op.WRITE && step.d() > 2));
        assertEquals(1, small.steps().size());
        assertEquals("write.0.0.0.3", small.steps().getFirst().toString());
    }

    @Test
    @EnabledIfSystemProperty(named = "vfio.machine.replay", matches = ".+")
    void isReplayed() {
        Wrong wrong = Machine.run(Script.parse(System.getProperty("vfio.machine.replay")));
        assertNull(wrong, () -> wrong.getMessage());
    }
}
