package dev.iovabitmap.conformance.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What is gathered in one pass, against a model that looks at each bit by itself. */
class TallyTest {
    private static final Tally.Sharing ALL_SHARED = new Tally.Sharing(0, Stretch.BLOCK);
    private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

    /** A dirty range of the model: the index of its first page, and how many pages it has. */
    private record Run(int first, int pages) {}

    /** Clean and dirty words, words with a run at either end, which may meet, and any. Of one block, and of up to three. */
    @Provide
    Arbitrary<long[]> words() {
        Arbitrary<Integer> bits = Arbitraries.integers().between(0, 63);
        Arbitrary<Long> word = Arbitraries.oneOf(
                Arbitraries.of(0L, -1L), bits.map(k -> -1L << k), bits.map(k -> -1L >>> k), Arbitraries.longs());
        return Arbitraries.frequencyOf(
                Tuple.of(9, word.array(long[].class).ofMinSize(1).ofMaxSize(30)),
                Tuple.of(2, word.array(long[].class).ofMinSize(510).ofMaxSize(1_100)),
                Tuple.of(
                        1,
                        Arbitraries.longs().array(long[].class).ofMinSize(510).ofMaxSize(1_100)));
    }

    @Property(tries = 500, seed = "4294967296")
    void agreesWithALookAtEachBit(
            @ForAll("words") long[] words,
            @ForAll @IntRange(max = 63) int shift,
            @ForAll @IntRange(min = 1, max = 64) int bitsOfLastWord,
            @ForAll @LongRange(min = 0) long place,
            @ForAll boolean atTheTop,
            @ForAll @LongRange(min = 0, max = 20) long limit,
            @ForAll @IntRange(min = 1, max = 8) int columns,
            @ForAll @IntRange(min = 1, max = 4) int maxRows,
            @ForAll boolean inStretches)
            throws Exception {
        BigInteger pageSize = BigInteger.ONE.shiftLeft(shift);
        BigInteger wanted = BigInteger.valueOf(64L * (words.length - 1) + bitsOfLastWord);
        // the last page is cut by a part of a page, and everything by the end of the space
        BigInteger cut = BigInteger.valueOf(place).mod(pageSize);
        BigInteger length = wanted.multiply(pageSize).subtract(cut).min(SPACE.subtract(BigInteger.ONE));
        BigInteger room = SPACE.subtract(length);
        BigInteger iova = atTheTop ? room : BigInteger.valueOf(place).min(room);
        int pages =
                length.add(pageSize).subtract(BigInteger.ONE).divide(pageSize).intValueExact();

        Path path = Files.createTempFile("tally", ".bitmap");
        try {
            byte[] bytes = bytes(words);
            Files.write(path, bytes);
            List<Run> expected = runs(bytes, pages);
            List<String> listed = new ArrayList<>();
            IovaBitmapLayout layout = new IovaBitmapLayout(iova.longValue(), length.longValue(), pageSize.longValue());
            Density density = new Density(layout, columns, maxRows);
            Tally tally;
            try (BitmapFile file = BitmapFile.open(path, layout.iova(), layout.length(), layout.pageSize())) {
                Tally.Listing listing = (first, size, count) -> listed.add(hex(first) + " " + hex(size) + " " + count);
                tally = inStretches
                        ? Tally.of(layout, file.words(), limit, listing, List.of(density), ALL_SHARED)
                        : Inspector.read(file, limit, listing, List.of(density));
                assertEquals(stray(bytes, pages), file.strayBits());
            }

            List<String> ranges = new ArrayList<>();
            BigInteger dirtyBytes = BigInteger.ZERO;
            int dirtyPages = 0;
            Run longest = null;
            for (Run run : expected) {
                BigInteger first = pageSize.multiply(BigInteger.valueOf(run.first));
                BigInteger size =
                        pageSize.multiply(BigInteger.valueOf(run.pages)).min(length.subtract(first));
                ranges.add("0x" + iova.add(first).toString(16) + " 0x" + size.toString(16) + " " + run.pages);
                dirtyBytes = dirtyBytes.add(size);
                dirtyPages += run.pages;
                longest = longest == null || run.pages > longest.pages ? run : longest;
            }
            assertEquals(ranges.subList(0, Math.min(ranges.size(), (int) limit)), listed);
            assertEquals(expected.size(), tally.ranges());
            assertEquals(Math.max(0, expected.size() - limit), tally.unlisted());
            assertEquals(dirtyPages, tally.dirtyPages());
            assertEquals("0x" + dirtyBytes.toString(16), hex(tally.dirtyBytes()));
            if (longest == null) {
                assertNull(tally.longest());
            } else {
                IovaRange range = tally.longest();
                assertEquals(
                        ranges.get(expected.indexOf(longest)),
                        hex(range.iova()) + " " + hex(range.length()) + " " + tally.longestPages());
            }
            requireDensity(density, bytes, iova, length, pageSize, pages, columns * maxRows);
        } finally {
            Files.delete(path);
        }
    }

    /** Which is where blocks are counted without a look at each range: one page longer is enough, wherever it lies in words. */
    @Example
    void findsALongerRangeInALaterBlock() throws Exception {
        IovaBitmapLayout layout = new IovaBitmapLayout(0, 64 * 1100, 1);
        for (int pages = 2; pages <= 130; pages++) {
            for (int first = 64 * 600; first < 64 * 601; first++) {
                BitSet bits = new BitSet();
                bits.set(3, 3 + pages - 1);
                bits.set(first, first + pages);
                bits.set(64 * 700, 64 * 700 + pages - 1);
                long[] words = Arrays.copyOf(bits.toLongArray(), 1100);
                Tally tally = Tally.of(layout, MemorySegment.ofArray(words), 0, (iova, length, count) -> {}, List.of());
                assertEquals(new IovaRange(first, pages), tally.longest());
                assertEquals(3, tally.ranges());
            }
        }
    }

    /** Four stretches of a block each, and a range that begins, ends, or does neither in each of them. */
    @Example
    void joinsRangesWhereStretchesMeet() throws Exception {
        int block = 64 * Stretch.BLOCK;
        int[] edges = {
            0, 1, block - 1, block, block + 1, 2 * block - 64, 2 * block, 3 * block - 1, 3 * block, 4 * block - 7
        };
        for (int pages : new int[] {4 * block, 4 * block - 7}) {
            IovaBitmapLayout layout = new IovaBitmapLayout(0, pages, 1);
            for (int first : edges) {
                for (int stop : edges) {
                    for (int limit : new int[] {0, 1, 2}) {
                        if (first < stop) {
                            BitSet bits = new BitSet();
                            bits.set(first, stop);
                            bits.set(block / 2);
                            bits.set(3 * block + 64, 3 * block + 200);
                            requireAsModel(layout, bits, limit);
                        }
                    }
                }
            }
        }
    }

    private static void requireAsModel(IovaBitmapLayout layout, BitSet bits, int limit) throws Exception {
        long[] words = Arrays.copyOf(bits.toLongArray(), (int) layout.wordCount());
        List<Run> expected = runs(bytes(words), (int) layout.bitCount());
        List<Run> listed = new ArrayList<>();
        Tally tally = Tally.of(
                layout,
                MemorySegment.ofArray(words),
                limit,
                (iova, length, pages) -> listed.add(new Run((int) iova, (int) pages)),
                List.of(),
                ALL_SHARED);
        Run longest = expected.stream()
                .max(Comparator.comparingInt(Run::pages).thenComparing(Run::first, Comparator.reverseOrder()))
                .orElseThrow();
        assertEquals(new IovaRange(longest.first, longest.pages), tally.longest(), () -> bits.toString());
        assertEquals(expected.size(), tally.ranges());
        assertEquals(bits.cardinality(), tally.dirtyPages());
        assertEquals(expected.subList(0, Math.min(limit, expected.size())), listed);
    }

    private static void requireDensity(
            Density density,
            byte[] bytes,
            BigInteger iova,
            BigInteger length,
            BigInteger pageSize,
            int pages,
            int mostCells) {
        int each = 1;
        while ((pages + each - 1) / each > mostCells) {
            each *= 2;
        }
        assertEquals(each, density.pagesPerCell());
        assertEquals((pages + each - 1) / each, density.cells());
        assertEquals((density.cells() + density.columns() - 1) / density.columns(), density.rows());
        for (int cell = 0; cell < density.cells(); cell++) {
            int dirty = 0;
            int there = 0;
            for (int page = cell * each; page < Math.min(pages, (cell + 1) * each); page++) {
                there++;
                dirty += isSet(bytes, page) ? 1 : 0;
            }
            assertEquals(dirty, density.dirtyPages(cell));
            assertEquals(there, density.pages(cell));
            assertEquals(dirty == 0, density.level(cell, 8) == 0);
            assertEquals(dirty == there, density.level(cell, 8) == 8);
            BigInteger first = pageSize.multiply(BigInteger.valueOf((long) cell * each));
            BigInteger behind =
                    first.add(pageSize.multiply(BigInteger.valueOf(there))).min(length);
            assertEquals("0x" + iova.add(first).toString(16), hex(density.iova(cell)));
            assertEquals("0x" + iova.add(behind).subtract(BigInteger.ONE).toString(16), hex(density.lastIova(cell)));
        }
    }

    private static List<Run> runs(byte[] bytes, int pages) {
        List<Run> runs = new ArrayList<>();
        int first = -1;
        for (int page = 0; page <= pages; page++) {
            boolean dirty = page < pages && isSet(bytes, page);
            if (dirty && first < 0) {
                first = page;
            } else if (!dirty && first >= 0) {
                runs.add(new Run(first, page - first));
                first = -1;
            }
        }
        return runs;
    }

    private static int stray(byte[] bytes, int pages) {
        int stray = 0;
        for (int bit = pages; bit % 64 != 0; bit++) {
            stray += isSet(bytes, bit) ? 1 : 0;
        }
        return stray;
    }

    private static boolean isSet(byte[] bytes, int bit) {
        return (bytes[bit / 8] & 1 << bit % 8) != 0;
    }

    private static byte[] bytes(long[] words) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long word : words) {
            bytes.putLong(word);
        }
        return bytes.array();
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }
}
