package dev.iovabitmap.bench;

/** One subject of the benchmarks: a set of page numbers from 0, and the same work for each. */
abstract class Bits {
    /** The page size that addresses are made of; the neighbours know page numbers only. */
    static final int PAGE_SHIFT = 12;

    /** How many pages one page of {@link #mergeCoarser}'s target has. */
    static final int COARSER_SHIFT = 4;

    /**
     * Makes a subject.
     *
     * @param name a backend, a neighbour, or {@code limit}; a backend with {@code /all} behind it is measured in a JVM in
     *     which all backends have worked on all kinds of memory
     * @param pages how many pages
     */
    static Bits of(String name, long pages) {
        if (name.endsWith("/all")) {
            Warming.allBackendsOnAllKinds();
        }
        return switch (name) {
            case "heap", "heap/all" -> OurBits.heap(pages);
            case "ffm", "ffm/all" -> OurBits.ffm(pages);
            case "mapped", "mapped/all" -> OurBits.mapped(pages);
            case "heap-concurrent", "heap-concurrent/all" -> OurBits.concurrentHeap(pages);
            case "ffm-concurrent", "ffm-concurrent/all" -> OurBits.concurrentFfm(pages);
            case "BitSet" -> new JavaBits(pages);
            case "FixedBitSet" -> new LuceneBits(pages);
            case "Roaring" -> new RoaringBits();
            case "HPPC" -> new HppcBits(pages);
            case "limit" -> LimitBits.heap(pages);
            case "limit-native" -> LimitBits.offHeap(pages);
            default -> throw new IllegalArgumentException("no subject " + name);
        };
    }

    abstract void set(long page);

    abstract void set(long firstPage, long pages);

    /** Visits the ranges. The answer is what {@link #visited} makes of them. */
    abstract long visit();

    /** Visits the ranges and clears each. */
    abstract long drain();

    abstract long count();

    /** Adds another of the same kind and size. */
    abstract void merge(Bits same);

    /** Adds these to another of the same kind whose pages are 2^{@link #COARSER_SHIFT} times as large. */
    abstract void mergeCoarser(Bits coarser);

    abstract void clear();

    /** Takes a range of pages as addresses, cheaply, so that nothing of it can be left out. */
    static long visited(long firstPage, long pages) {
        return (firstPage << PAGE_SHIFT) ^ (pages << PAGE_SHIFT);
    }
}
