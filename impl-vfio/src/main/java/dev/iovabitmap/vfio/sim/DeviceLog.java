package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingControl;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingRange;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingReport;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A device's own log of what it writes: the checks of the VFIO core, then what drivers do. */
final class DeviceLog {
    private static final int MAX_RANGES = (int) UserMemory.PAGE / 16;
    private static final int FEW_RANGES = 4;
    private static final int COMBINED_RANGES = 2;
    private static final long LEAST_SPACE = 2L << 20;
    private static final long MIN_PAGE = 4096;
    private static final long MAX_PAGE = 1L << 30;

    private final SimulatedKernel kernel;
    private final List<Interval> ranges = new ArrayList<>();
    private final Intervals dirty = new Intervals();
    private boolean started;
    private long granule;

    DeviceLog(SimulatedKernel kernel) {
        this.kernel = kernel;
    }

    boolean started() {
        return started;
    }

    void start(MemorySegment control, UserMemory memory) {
        List<Interval> wanted = rangesOf(control, memory);
        KernelError.unless(!started, Errno.EINVAL);
        KernelError.unless(!on(Misbehaviour.FEW_RANGES) || wanted.size() <= FEW_RANGES, Errno.E2BIG);
        wanted.sort(Comparator.comparing(Interval::first, U64::compare));
        if (on(Misbehaviour.COMBINES_RANGES) && wanted.size() > COMBINED_RANGES) {
            wanted = List.of(
                    new Interval(wanted.getFirst().first(), wanted.getLast().last()));
        }
        long space = wanted.stream().mapToLong(DeviceLog::sizeOf).sum();
        KernelError.unless(!on(Misbehaviour.SMALL_RANGES_REFUSED) || !U64.less(space, LEAST_SPACE), Errno.EOPNOTSUPP);
        long page = granted(LoggingControl.PAGE_SIZE.get(control));
        KernelError.unless(
                !on(Misbehaviour.PARTIAL_GROUPS_REFUSED)
                        || wanted.stream().allMatch(range -> pagesOf(sizeOf(range), page) / 8 % 8 == 0),
                Errno.EINVAL);
        ranges.clear();
        ranges.addAll(wanted);
        granule = page;
        LoggingControl.PAGE_SIZE.set(control, granule);
        dirty.clear();
        started = true;
    }

    private static long sizeOf(Interval range) {
        return range.last() - range.first() + 1;
    }

    /** How many pages a length takes, the last in part. Lengths are below 2^64, so only that of the whole space is 0. */
    private static long pagesOf(long length, long page) {
        return U64.divide(length - 1, page) + 1;
    }

    /** The checks of the VFIO core, which knows nothing of page sizes yet. */
    private static List<Interval> rangesOf(MemorySegment control, UserMemory memory) {
        long count = LoggingControl.NUM_RANGES.get(control);
        long mask = LoggingControl.PAGE_SIZE.get(control) - 1;
        KernelError.unless(count != 0, Errno.EINVAL);
        KernelError.unless(count <= MAX_RANGES, Errno.E2BIG);
        List<Interval> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long size = LoggingRange.LAYOUT.byteSize();
            MemorySegment range = memory.at(LoggingControl.RANGES.get(control) + i * size, size);
            long iova = LoggingRange.IOVA.get(range);
            long length = LoggingRange.LENGTH.get(range);
            KernelError.unless(((iova | length) & mask) == 0, Errno.EINVAL);
            KernelError.unless(!U64.sumOverflows(iova, length), Errno.EOVERFLOW);
            Interval interval = new Interval(iova, iova + length - 1);
            KernelError.unless(
                    ranges.stream().noneMatch(other -> other.overlaps(interval.first(), interval.last())),
                    Errno.EINVAL);
            ranges.add(interval);
        }
        return ranges;
    }

    private long granted(long asked) {
        long least = on(Misbehaviour.GRANULE_2M) ? 2L << 20 : on(Misbehaviour.GRANULE_64K) ? 64L << 10 : MIN_PAGE;
        return U64.min(U64.max(Long.highestOneBit(asked), least), MAX_PAGE);
    }

    void stop() {
        started = false;
        ranges.clear();
        dirty.clear();
    }

    /** The device writes: the log marks whole granules, of which it may have more than it was told to watch. */
    void write(long first, long last) {
        if (!started) {
            return;
        }
        for (Interval range : ranges) {
            if (range.overlaps(first, last)) {
                Interval hit = range.cut(first, last);
                dirty.add(hit.first() & -granule, hit.last() | (granule - 1));
            }
        }
    }

    void report(MemorySegment report, UserMemory memory) {
        long iova = LoggingReport.IOVA.get(report);
        long length = LoggingReport.LENGTH.get(report);
        long pageSize = LoggingReport.PAGE_SIZE.get(report);
        KernelError.unless(!U64.less(pageSize, MIN_PAGE) && U64.isPowerOfTwo(pageSize), Errno.EINVAL);
        KernelError.unless(!U64.sumOverflows(iova, length), Errno.EOVERFLOW);
        KernelBitmap bitmap =
                new KernelBitmap(kernel, iova, length, pageSize, LoggingReport.BITMAP.get(report), memory);
        bitmap.forEach((windowIova, windowLength) -> readAndClear(bitmap, windowIova, windowLength));
    }

    private void readAndClear(KernelBitmap bitmap, long iova, long length) {
        KernelError.unless(started, Errno.EINVAL);
        if (on(Misbehaviour.PARTIAL_GROUPS_REFUSED)) {
            checkGroups(iova, length);
        }
        if (length == 0) {
            return;
        }
        if (on(Misbehaviour.EIO_AFTER_HALF)) {
            long half = (length / 2) & -MIN_PAGE;
            if (half != 0) {
                read(bitmap, iova, iova + half - 1);
            }
            throw new KernelError(Errno.EIO);
        }
        read(bitmap, iova, iova + length - 1);
    }

    private void read(KernelBitmap bitmap, long first, long last) {
        if (on(Misbehaviour.ACKNOWLEDGES_64_PAGES)) {
            readGroups(bitmap, first, last);
            return;
        }
        for (Interval hit : dirty.within(first, last)) {
            if (on(Misbehaviour.GRANULE_BELOW_REPORT_DROPPED)) {
                markGranules(bitmap, hit, first);
            } else {
                bitmap.set(hit.first(), hit.last() - hit.first() + 1);
            }
        }
        boolean whole = on(Misbehaviour.WHOLE_GRANULE_CLEARED) || on(Misbehaviour.GRANULE_BELOW_REPORT_DROPPED);
        for (Interval hit : dirty.within(first, last)) {
            if (whole) {
                dirty.remove(hit.first() & -granule, hit.last() | (granule - 1));
            } else {
                dirty.remove(hit.first(), hit.last());
            }
        }
    }

    /** Checks a report as pds does, which counts in 64-bit words of its log. */
    private void checkGroups(long iova, long length) {
        KernelError.unless(length != 0, Errno.EINVAL);
        Interval region = regionOf(iova, iova + length - 1);
        long words = U64.roundUp(pagesOf(length, granule), 64) / 64;
        long wholeWords = U64.roundUp(U64.divide(length, granule), 64) / 64;
        KernelError.unless(words == wholeWords, Errno.EINVAL);
        KernelError.unless(words <= pagesOf(sizeOf(region), granule) / 64, Errno.EINVAL);
    }

    /** The one started range that has it all. */
    private Interval regionOf(long first, long last) {
        return ranges.stream()
                .filter(range -> range.contains(first) && range.contains(last))
                .findFirst()
                .orElseThrow(() -> new KernelError(Errno.EINVAL));
    }

    /** Marks granule by granule from each one's start: the bitmap drops the one that starts below the report. */
    private void markGranules(KernelBitmap bitmap, Interval hit, long first) {
        long start = hit.first() & -granule;
        if (U64.less(start, first)) {
            bitmap.set(start, granule);
            start += granule;
            if (start == 0 || U64.less(hit.last(), start)) {
                return;
            }
        }
        bitmap.set(start, (hit.last() | (granule - 1)) - start + 1);
    }

    /** As pds does: a region's bitmap is read from a multiple of 8 pages on, and acknowledged by its 64-bit words. */
    private void readGroups(KernelBitmap bitmap, long first, long last) {
        Interval region = regionOf(first, last);
        long firstPage = U64.roundUp((first - region.first()) / granule, 8);
        long pages = U64.roundUp((last - first) / granule + 1, 64);
        long from = region.first() + firstPage * granule;
        if (!region.contains(from)) {
            return;
        }
        long to = from + U64.min(pages * granule - 1, region.last() - from);
        for (Interval hit : dirty.within(from, to)) {
            bitmap.set(hit.first(), hit.last() - hit.first() + 1);
        }
        dirty.remove(from, to);
    }

    private boolean on(Misbehaviour misbehaviour) {
        return kernel.misbehaviours().contains(misbehaviour);
    }
}
