package dev.iovabitmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Reading against the simple way: a search for the next set bit, then one for the next clear bit. */
class DirtyPagesProperties {
    private static final long IOVA = 0x7000;
    private static final long PAGE_SIZE = 512;

    /** Words whose blocks and strips are clean, dirty and mixed, and what is stray above the last bit. */
    record Words(int bitCount, long[] words) {
        IovaBitmapLayout layout() {
            return new IovaBitmapLayout(IOVA, bitCount * PAGE_SIZE - 1, PAGE_SIZE);
        }

        MemorySegment in(DataKind kind) {
            MemorySegment data = kind.allocate(layout().byteSize());
            for (int i = 0; i < words.length; i++) {
                data.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8L * i, words[i]);
            }
            return data;
        }

        List<IovaRange> ranges() {
            BitSet bits = BitSet.valueOf(words);
            bits.clear(bitCount, Math.max(bitCount, bits.length()));
            List<IovaRange> ranges = new ArrayList<>();
            for (int first = bits.nextSetBit(0); first >= 0; ) {
                int stop = bits.nextClearBit(first);
                long cut = stop == bitCount ? 1 : 0;
                ranges.add(new IovaRange(IOVA + first * PAGE_SIZE, (stop - first) * PAGE_SIZE - cut));
                first = bits.nextSetBit(stop);
            }
            return ranges;
        }

        long strayBits() {
            return bitCount % 64 == 0 ? 0 : words[words.length - 1] & -1L << bitCount;
        }
    }

    @Property
    void visitsWhatTheTwoSearchesFind(@ForAll("words") Words given, @ForAll DataKind kind) {
        List<IovaRange> visited = new ArrayList<>();
        DirtyPages.forEachRange(
                given.layout(),
                kind.finish(given.in(kind)),
                (iova, length) -> visited.add(new IovaRange(iova, length)));
        assertEquals(given.ranges(), visited);
    }

    @Property
    void drainsWhatTheTwoSearchesFind(@ForAll("words") Words given, @ForAll("writable") DataKind kind) {
        MemorySegment data = given.in(kind);
        List<IovaRange> drained = new ArrayList<>();
        DirtyPages.drain(given.layout(), data, (iova, length) -> drained.add(new IovaRange(iova, length)));
        assertEquals(given.ranges(), drained);
        BitSet left = BitSet.valueOf(data.toArray(ValueLayout.JAVA_BYTE));
        assertEquals(Long.bitCount(given.strayBits()), left.cardinality());
        assertEquals(
                left.cardinality(),
                left.stream().filter(bit -> bit >= given.bitCount).count());
    }

    @Property
    void countsClearsAndUnites(
            @ForAll("words") Words given, @ForAll("writable") DataKind from, @ForAll("writable") DataKind into) {
        IovaBitmapLayout layout = given.layout();
        MemorySegment source = given.in(from);
        long pages = given.ranges().stream()
                .mapToLong(range -> (range.length() + 1) / PAGE_SIZE)
                .sum();
        assertEquals(pages, DirtyPages.count(layout, source));
        MemorySegment target = into.allocate(layout.byteSize());
        DirtyPages.merge(layout, source, layout, target);
        BitSet expected = BitSet.valueOf(given.words);
        expected.clear(given.bitCount, given.words.length * 64);
        assertEquals(expected, BitSet.valueOf(target.toArray(ValueLayout.JAVA_BYTE)));
        DirtyPages.clear(layout, source);
        assertEquals(0, DirtyPages.count(layout, source));
        assertEquals(
                Long.bitCount(given.strayBits()),
                BitSet.valueOf(source.toArray(ValueLayout.JAVA_BYTE)).cardinality());
    }

    @Provide
    Arbitrary<DataKind> writable() {
        return Arbitraries.of(DataKind.class).filter(kind -> kind != DataKind.READ_ONLY);
    }

    @Provide
    Arbitrary<Words> words() {
        return Combinators.combine(
                        Arbitraries.oneOf(
                                Arbitraries.integers().between(1, 1_300),
                                Arbitraries.integers().between(60_000, 70_000)),
                        Arbitraries.longs(),
                        Arbitraries.of(1, 3, 9, 70, 700))
                .as((bitCount, seed, stretch) -> new Words(bitCount, words(bitCount, seed, stretch)));
    }

    /** Stretches of words up to a length, each of zeros, of ones, with an edge in one of them, or at random. */
    private static long[] words(int bitCount, long seed, int stretch) {
        SplittableRandom random = new SplittableRandom(seed);
        long[] words = new long[(bitCount + 63) / 64];
        for (int i = 0; i < words.length; ) {
            int end = Math.min(words.length, i + 1 + random.nextInt(stretch));
            int kind = random.nextInt(5);
            for (; i < end; i++) {
                words[i] = switch (kind) {
                    case 0 -> 0;
                    case 1 -> -1;
                    case 2 -> i == end - 1 ? 1L << random.nextInt(64) : 0;
                    case 3 -> i == end - 1 ? -1L << random.nextInt(64) : -1;
                    default -> random.nextLong();
                };
            }
        }
        return words;
    }
}
