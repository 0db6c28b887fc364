package dev.iovabitmap.conformance.rules.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import dev.iovabitmap.DirtyPages.RangeVisitor;
import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.rules.kernel.PublicCases.Case;
import dev.iovabitmap.conformance.subject.Geometry;
import dev.iovabitmap.conformance.subject.GuardedData;
import dev.iovabitmap.conformance.subject.GuardedData.Fill;
import dev.iovabitmap.conformance.subject.Library;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernel's own dirty-tracking selftest. Its mock IOMMU is a bitmap here, of which each marked entry covers as many
 * pages as a page table entry maps; reading it is draining, and reading without clearing is visiting.
 */
public class SelftestCasesTest {
    static List<Case> clearing() {
        return PublicCases.ofKind("selftest_dirty", each -> !keeps(each));
    }

    static List<Case> keeping() {
        return PublicCases.ofKind("selftest_dirty", SelftestCasesTest::keeps);
    }

    private static boolean keeps(Case each) {
        return each.json().path("no_clear").asBoolean();
    }

    @ParameterizedTest
    @MethodSource("clearing")
    @Verifies("READ-4")
    void readAndClear(Case each) {
        replay(each, (geometry, data, visitor) -> Library.current().drain(geometry.layout(), data, visitor));
    }

    @ParameterizedTest
    @MethodSource("keeping")
    @Verifies({"READ-1", "READ-2"})
    void readWithoutClearing(Case each) {
        replay(each, (geometry, data, visitor) -> Library.current().forEachRange(geometry.layout(), data, visitor));
    }

    private interface Reader {
        void read(Geometry geometry, MemorySegment data, RangeVisitor<RuntimeException> visitor);
    }

    private static void replay(Case each, Reader reader) {
        Geometry geometry = each.geometry();
        try (Arena arena = Arena.ofConfined()) {
            GuardedData device = device(geometry, arena);
            int step = each.json().path("mark_step_bits").asInt();
            int entry = (int) (each.json().path("pte_size").asLong() / geometry.pageSize());
            int marked = 0;
            for (int bit = 0; bit < geometry.bitCount(); bit += step) {
                for (int page = bit; page < Math.min(bit + entry, geometry.bitCount()); page++) {
                    device.plant(page, true);
                }
                marked++;
            }
            same(each, "marks", each.expected().path("nr_marked").asText(), String.valueOf(marked));
            read(each, "first_read", device, reader);
            read(each, "second_read", device, reader);
        }
    }

    private static GuardedData device(Geometry geometry, Arena arena) {
        long size = geometry.byteSize() + 2L * GuardedData.GUARD;
        MemorySegment whole = arena.allocate(size + Geometry.P, Geometry.P)
                .asSlice(Math.floorMod(geometry.pageOffset() - GuardedData.GUARD, Geometry.P), size);
        return new GuardedData(whole, geometry.bitCount(), Fill.CLEAN);
    }

    private static void read(Case each, String which, GuardedData device, Reader reader) {
        Geometry geometry = each.geometry();
        JsonNode expected = each.expected().path(which);
        long counted = Library.current().count(geometry.layout(), device.data());
        same(each, which + " count", expected.path("count").asText(), String.valueOf(counted));
        List<String> runs = new ArrayList<>();
        byte[] bytes = new byte[(geometry.bitCount() + 7) / 8];
        reader.read(geometry, device.data(), (iova, length) -> {
            int first = Math.toIntExact((iova - geometry.iova()) / geometry.pageSize());
            int count = Math.toIntExact(length / geometry.pageSize());
            for (int bit = first; bit < first + count; bit++) {
                bytes[bit / 8] |= (byte) (1 << bit % 8);
            }
            runs.add("[" + first + "," + count + "]");
        });
        same(each, which + " digest", expected.path("sha256").asText(), PublicCases.sha256(bytes));
        if (expected.has("runs")) {
            same(each, which + " runs", expected.path("runs").asText(), String.valueOf(runs.size()));
            String head = runs.subList(0, expected.path("head").size()).toString();
            String tail = runs.subList(runs.size() - expected.path("tail").size(), runs.size())
                    .toString();
            same(each, which + " head", expected.path("head").toString(), head.replace(" ", ""));
            same(each, which + " tail", expected.path("tail").toString(), tail.replace(" ", ""));
        }
    }

    private static void same(Case each, String what, String expected, String actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError(
                    each + ": " + what + " is " + actual + ", not " + expected + "\nbitmap: " + each.geometry());
        }
    }
}
