package dev.iovabitmap.vfio.sim;

/** Numbers from the first to the last, both included, unsigned. */
record Interval(long first, long last) {
    boolean overlaps(long otherFirst, long otherLast) {
        return !U64.less(otherLast, first) && !U64.less(last, otherFirst);
    }

    boolean contains(long value) {
        return overlaps(value, value);
    }

    /** The part that both have. They must overlap. */
    Interval cut(long otherFirst, long otherLast) {
        return new Interval(U64.max(first, otherFirst), U64.min(last, otherLast));
    }
}
