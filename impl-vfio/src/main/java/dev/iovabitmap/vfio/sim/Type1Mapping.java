package dev.iovabitmap.vfio.sim;

/** A mapping of a container, with its dirty bits and its pinned pages, both by the mapping's own page numbers. */
final class Type1Mapping {
    final long iova;
    final long size;
    final int pageShift;
    final boolean writable;
    final Intervals dirty = new Intervals();
    final Intervals pinned = new Intervals();
    boolean vaddrInvalid;

    Type1Mapping(long iova, long size, int pageShift, boolean writable) {
        this.iova = iova;
        this.size = size;
        this.pageShift = pageShift;
        this.writable = writable;
    }

    long last() {
        return iova + size - 1;
    }

    long pages() {
        return size >>> pageShift;
    }

    boolean overlaps(long first, long lastOfOther) {
        return new Interval(iova, last()).overlaps(first, lastOfOther);
    }

    /** The pages of a part of this mapping, which must overlap it. */
    Interval pagesOf(long first, long lastOfOther) {
        Interval part = new Interval(iova, last()).cut(first, lastOfOther);
        return new Interval((part.first() - iova) >>> pageShift, (part.last() - iova) >>> pageShift);
    }

    void markAll() {
        dirty.add(0, pages() - 1);
    }

    /** Pinned pages may be written at any time, so they are dirty at any time. */
    void markPinned() {
        pinned.all().forEach(run -> dirty.add(run.first(), run.last()));
    }

    /** As an in-place shift of the bitmap leaves it. */
    void shift(long bits) {
        var before = dirty.all();
        dirty.clear();
        before.forEach(run -> dirty.add(run.first() + bits, run.last() + bits));
    }
}
