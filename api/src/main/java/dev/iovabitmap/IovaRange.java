package dev.iovabitmap;

import dev.iovabitmap.words.Unsigned;
import java.util.List;
import java.util.Optional;

/**
 * A range of I/O virtual address space.
 *
 * @param iova the first address, unsigned
 * @param length the length in bytes, unsigned
 */
public record IovaRange(long iova, long length) {
    /** {@return the last address, unsigned, inclusive; of use where the length is not 0} */
    public long lastIova() {
        return iova + length - 1;
    }

    /**
     * Returns whether another range lies wholly inside this one.
     *
     * @param other the other range, of at least one byte and not wrapping
     * @return whether none of its bytes is outside
     */
    public boolean contains(IovaRange other) {
        return length != 0
                && !Unsigned.less(other.iova, iova)
                && !Unsigned.less(lastIova(), other.lastIova())
                && !Unsigned.less(other.lastIova(), other.iova);
    }

    /**
     * Returns what this range and another, neither of them wrapping, have in common.
     *
     * @param other the other range
     * @return the addresses that are in both; empty if there are none
     */
    public Optional<IovaRange> intersection(IovaRange other) {
        if (length == 0 || other.length == 0) {
            return Optional.empty();
        }
        long first = Unsigned.max(iova, other.iova);
        long last = Unsigned.min(lastIova(), other.lastIova());
        return Unsigned.less(last, first) ? Optional.empty() : Optional.of(new IovaRange(first, last - first + 1));
    }

    /**
     * Covers ranges by at most so many, as device logging is told what to log. They are aligned out to whole pages and merged
     * where they then touch or overlap; then the smallest gaps are closed, the first of equal ones first, until the limit is
     * met. Every byte of the ranges is covered.
     *
     * @param ranges what to cover, in any order, none of length 0 or wrapping
     * @param pageSize the page size in bytes, unsigned, a power of two; 1 aligns nothing
     * @param limit the largest number of ranges, at least 1
     * @return the ranges, ascending and disjoint; empty if there were none
     * @throws IllegalArgumentException if a range is empty or wraps, the page size is not a power of two, the limit is below 1,
     *     or a range of the result would be the whole space, whose length cannot be expressed
     */
    public static List<IovaRange> cover(List<IovaRange> ranges, long pageSize, int limit) {
        return RangeCover.of(ranges, pageSize, limit);
    }

    @Override
    public String toString() {
        return "IovaRange[iova=" + Unsigned.hex(iova) + ", length=" + Unsigned.hex(length) + "]";
    }
}
