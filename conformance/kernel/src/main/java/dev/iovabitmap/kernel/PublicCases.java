package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.kernel.KernelModel.Outcome;
import dev.iovabitmap.kernel.Selftest.Pattern;
import dev.iovabitmap.kernel.Selftest.Read;
import dev.iovabitmap.words.Unsigned;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The public cases, asked of the kernel itself. Each ends up as one line: the kernel agrees with the rules, or it deviates as
 * listed, to the bit, or it cannot be asked, with the reason. Anything else fails.
 */
final class PublicCases {
    private static final long PAGE = 4096;

    /** What no report can be started at: the end of a range that is logged is exclusive, and has to be a number. */
    private static final long TOP = -PAGE;

    private final LoggingDevice device;
    private final @Nullable PageTableDifferential table;
    private final @Nullable Selftest selftest;
    private final KernelModel model;
    private final KernelRelease kernel;
    private final Results results;
    private final Map<String, Integer> counts = new TreeMap<>();

    PublicCases(
            LoggingDevice device,
            @Nullable PageTableDifferential table,
            @Nullable Selftest selftest,
            KernelModel model,
            KernelRelease kernel,
            Results results) {
        this.device = device;
        this.table = table;
        this.selftest = selftest;
        this.model = model;
        this.kernel = kernel;
        this.results = results;
    }

    void run() throws IOException {
        for (PublicCase each : PublicCase.all()) {
            switch (each.kind()) {
                case "bitmap" -> bitmap(each);
                case "alloc_invalid" -> refusal(each);
                case "selftest_dirty" -> selftest(each);
                default -> notAsked(each, "drivers combine ranges, and no call of the kernel shows it");
            }
        }
        for (String verdict : List.of("agrees", "deviates", "not-asked")) {
            results.count("public-cases-" + verdict, counts.getOrDefault(verdict, 0));
        }
    }

    private void tell(String verdict, PublicCase each, String detail) {
        counts.merge(verdict, 1, Integer::sum);
        results.add("public-case", each.id(), verdict, detail);
    }

    private void notAsked(PublicCase each, String reason) {
        tell("not-asked", each, reason);
    }

    private void agreesOrFails(PublicCase each, @Nullable String difference, String where) {
        if (difference == null) {
            tell("agrees", each, where);
        } else {
            results.fail("public case " + each + ": " + difference);
        }
    }

    private void bitmap(PublicCase each) {
        PageTableDifferential small = table;
        if (each.hasOddSet()) {
            notAsked(
                    each,
                    "the mock device writes no range that is empty or wraps: there are kernels that never return from it");
        } else if (each.limitsPages() && !kernel.hasWindows() && hasUnalignedSet(each)) {
            notAsked(each, "this kernel never returns from an unaligned set that goes on in a page that it cannot pin");
        } else if (Unsigned.less(each.pageSize(), PAGE) && small != null) {
            small.device().track(true);
            agreesOrFails(each, small.ask(new Case(each.layout(), each.offset(), each.sets())), "asked of IOMMUFD");
            small.device().track(false);
        } else {
            judge(each, model.of(each));
        }
    }

    private static boolean hasUnalignedSet(PublicCase each) {
        return each.sets().stream().anyMatch(set -> set.iova() % each.pageSize() != 0);
    }

    private void refusal(PublicCase each) {
        Outcome expected = model.refusal(each);
        int result = logging(each, () -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(PAGE, PAGE);
                return device.report(each.iova(), each.length(), each.pageSize(), memory.address(), memory);
            }
        });
        if (result != expected.result()) {
            results.fail("public case " + each + ": returned " + result + ", not " + expected.result());
        } else {
            tellOutcome(each, expected);
        }
    }

    private void tellOutcome(PublicCase each, Outcome outcome) {
        if (outcome.shown().isEmpty()) {
            tell("agrees", each, outcome.result() == 0 ? "" : "returned " + outcome.result());
        } else {
            tell("deviates", each, String.join(", ", outcome.shown()));
        }
    }

    private interface Asking {
        int ask() throws IOException;
    }

    /** Logs all that the case speaks of while something is asked. */
    private int logging(PublicCase each, Asking asking) {
        device.handOverEverything(each.hasSetOutside());
        device.start(hull(each), PAGE);
        try {
            return asking.ask();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } finally {
            device.stop();
            device.handOverEverything(false);
        }
    }

    private static IovaRange hull(PublicCase each) {
        long first = each.iova();
        long last = Unsigned.lastOrTop(each.iova(), Unsigned.max(each.length(), 1));
        for (IovaRange set : each.sets()) {
            first = Unsigned.min(first, set.iova());
            last = Unsigned.max(last, set.lastIova());
        }
        first &= -PAGE;
        long end = Unsigned.min(last, TOP - 1) & -PAGE;
        return Unsigned.less(end, first) ? new IovaRange(0, PAGE) : new IovaRange(first, end - first + PAGE);
    }

    /** What the kernel gives is what the rules say, but for what is listed. */
    private void judge(PublicCase each, Outcome expected) {
        BitSet rule = each.bits();
        if (expected.shown().isEmpty() && !expected.bits().equals(rule)) {
            results.fail("public case " + each + ": the rules give " + rule + " and the model " + expected.bits());
            return;
        }
        int problems = logging(each, () -> {
            device.mock().takeWindows();
            device.write(each.sets());
            try (Arena arena = Arena.ofConfined()) {
                String difference = each.limitsPages() ? limited(each, expected, arena) : whole(each, expected, arena);
                List<IovaRange> calls = device.mock().takeWindows();
                if (difference == null && expected.result() == 0 && !calls.equals(model.callsOf(each))) {
                    difference = "windows are " + calls + ", not " + model.callsOf(each);
                }
                if (difference != null) {
                    results.fail("public case " + each + ": " + difference);
                }
                return difference == null ? 0 : 1;
            }
        });
        if (problems == 0) {
            tellOutcome(each, expected);
        }
    }

    private @Nullable String whole(PublicCase each, Outcome expected, Arena arena) {
        MemorySegment memory = Case.memory(arena, each.layout(), each.offset());
        MemorySegment right = Case.memory(arena, each.layout(), each.offset());
        long address = memory.address() + PAGE + each.offset();
        int result = device.report(each.iova(), each.length(), each.pageSize(), address, memory);
        if (result != expected.result()) {
            return "returned " + result + ", not " + expected.result();
        }
        plant(right, PAGE + each.offset(), expected.bits());
        return new Case(each.layout(), each.offset(), each.sets()).difference(memory, right);
    }

    private static void plant(MemorySegment memory, long at, BitSet bits) {
        byte[] bytes = bits.toByteArray();
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    /** The pages behind those that are there are of a file that has ended: they cannot be pinned. */
    private @Nullable String limited(PublicCase each, Outcome expected, Arena arena) throws IOException {
        long there = each.pages() * PAGE;
        long all = (each.offset() + each.layout().byteSize() + PAGE - 1) & -PAGE;
        Path file = Files.createTempFile("pages", null);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment memory = channel.map(MapMode.READ_WRITE, 0, all, arena);
            channel.truncate(there);
            long address = memory.address() + each.offset();
            int result = device.report(each.iova(), each.length(), each.pageSize(), address, memory);
            if (result != expected.result()) {
                return "returned " + result + ", not " + expected.result();
            }
            MemorySegment right = arena.allocate(all);
            plant(right, each.offset(), expected.bits());
            long at = memory.asSlice(0, there).mismatch(right.asSlice(0, there));
            return at < 0 ? null : "byte " + (at - each.offset()) + " of the bitmap is not as it has to be";
        } finally {
            Files.delete(file);
        }
    }

    private void selftest(PublicCase each) {
        Selftest patterns = selftest;
        if (patterns == null) {
            notAsked(each, "this kernel has no IOMMUFD");
            return;
        }
        Pattern pattern = new Pattern(
                each.length(),
                each.json().path("pte_size").asLong(),
                each.offset(),
                !each.json().path("no_clear").asBoolean());
        Read read = patterns.read(pattern);
        String difference = read.difference();
        int bytes = (int) ((each.layout().bitCount() + 7) / 8);
        if (difference == null
                && read.marked() != each.json().at("/expect/nr_marked").asLong()) {
            difference = read.marked() + " pages are marked";
        } else if (difference == null && !isDigest(each, "first_read", read.first(), bytes)) {
            difference = "the first read has another digest";
        } else if (difference == null && !isDigest(each, "second_read", read.second(), bytes)) {
            difference = "the second read has another digest";
        }
        agreesOrFails(each, difference, "asked of IOMMUFD");
    }

    private static boolean isDigest(PublicCase each, String read, MemorySegment bitmap, int bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bitmap.toArray(ValueLayout.JAVA_BYTE), 0, bytes);
            return HexFormat.of()
                    .formatHex(digest.digest())
                    .equals(each.json().at("/expect/" + read + "/sha256").asText());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
