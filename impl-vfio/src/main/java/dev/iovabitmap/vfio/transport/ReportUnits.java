package dev.iovabitmap.vfio.transport;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.words.Unsigned;
import java.util.ArrayList;
import java.util.List;

// What one report may ask for. A report that cuts what the kernel or a driver treats as one loses the dirt of the
// rest: the entry of a huge page is cleared whole, type1 refuses a part of a mapping, and some devices acknowledge
// 64 pages at a time. So a mapping is a unit, and a range of device logging is cut only at multiples of 64 pages
// from its start. Kernels up to 6.10 also round the length up to 8 pages and get lost if that passes 2^64: such a
// unit is never asked for. So many pages may be 2^64 bytes or more, where pages are huge: shifted, their size is then
// 0, of which less one is the last address of the space, and whose negation is a mask that leaves nothing.

/** Cuts what is tracked into what one report may ask for. */
final class ReportUnits {
    /** How many pages a unit of device logging has at most: 2 MiB of bitmap. */
    private static final int UNIT_SHIFT = 24;

    private static final int GROUP_SHIFT = 6;
    private static final int BYTE_SHIFT = 3;

    private ReportUnits() {}

    /**
     * Cuts a range that a device logs. What is left out at the top of the space cannot be asked for.
     *
     * @param range of whole granules
     * @param granule the page size of a report
     * @return the units, ascending
     */
    static List<IovaRange> ofLogged(IovaRange range, long granule) {
        List<IovaRange> units = new ArrayList<>();
        long offset = 0;
        while (offset != range.length()) {
            long left = range.length() - offset;
            IovaRange unit = new IovaRange(range.iova() + offset, atMost(left, granule << UNIT_SHIFT));
            if (!isReportable(unit, granule)) {
                long whole = left & -(granule << GROUP_SHIFT);
                if (whole != 0) {
                    units.add(new IovaRange(unit.iova(), whole));
                }
                return units;
            }
            units.add(unit);
            offset += unit.length();
        }
        return units;
    }

    private static long atMost(long length, long most) {
        return Unsigned.min(length - 1, most - 1) + 1;
    }

    /** {@return whether the length, rounded up to 8 pages, ends at 2^64 at the latest} */
    static boolean isReportable(IovaRange unit, long granule) {
        long lastOffset = (unit.length() - 1) | ((granule << BYTE_SHIFT) - 1);
        return !Unsigned.less(unit.iova() + lastOffset, unit.iova());
    }

    /** {@return how many bytes the bits of a unit take, in whole words} */
    static long bitmapBytes(IovaRange unit, long granule) {
        return new IovaBitmapLayout(unit.iova(), unit.length(), granule).byteSize();
    }
}
