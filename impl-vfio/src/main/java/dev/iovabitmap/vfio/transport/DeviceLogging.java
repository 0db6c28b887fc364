package dev.iovabitmap.vfio.transport;

import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.DMA_LOGGING_REPORT;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.DMA_LOGGING_START;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.DMA_LOGGING_STOP;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.GET;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.PROBE;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.SET;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.OpenFile;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingControl;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingRange;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingReport;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The device's own log of its DMA, through {@code VFIO_DEVICE_FEATURE_DMA_LOGGING_*}. */
public final class DeviceLogging implements LogTransport {
    /** The kernel's smallest page size of a report. */
    private static final long MIN_PAGE_SIZE = 4096;

    /** The kernel's limit, PAGE_SIZE / 16, where pages are smallest. */
    private static final int MAX_RANGES = 256;

    private static final long HEADER_SIZE = Header.LAYOUT.byteSize();

    /** Drivers acknowledge 64 pages at a time, and take whole groups of so many only. */
    private static final int GROUP_SHIFT = 6;

    private final Caller caller;

    /** There may be several: a group hands a device out again and again. It still has one log. */
    private final List<OpenFile> files = new ArrayList<>();

    private long granule;

    /** Whether the device logs, or may since stopping it failed. */
    private boolean started;

    /**
     * Creates the transport.
     *
     * @param caller makes the calls
     */
    public DeviceLogging(Caller caller) {
        this.caller = caller;
    }

    @Override
    public void use(OpenFile file) {
        files.add(file);
    }

    @Override
    public void leave(OpenFile file) {
        files.remove(file);
    }

    private Descriptor device() {
        return files.getFirst().descriptor();
    }

    /**
     * {@inheritDoc}
     *
     * @return whether all three features are there
     * @throws IoctlException if the device cannot even be asked
     */
    @Override
    public boolean isSupported() {
        return probe(SET | DMA_LOGGING_START) && probe(SET | DMA_LOGGING_STOP) && probe(GET | DMA_LOGGING_REPORT);
    }

    private boolean probe(int feature) {
        MemorySegment struct = header(caller, PROBE | feature, 0);
        int result = caller.ask(device(), Ioctl.VFIO_DEVICE_FEATURE, struct, MemorySegment.NULL);
        return switch (-result) {
            case Errno.ENOTTY, Errno.EINVAL, Errno.EOPNOTSUPP -> false;
            default -> {
                Caller.requireDone(result, "VFIO_DEVICE_FEATURE PROBE", "feature=" + (feature & Header.FEATURE_MASK));
                yield true;
            }
        };
    }

    @Override
    public String kind() {
        return "log";
    }

    @Override
    public List<IovaRange> start(List<IovaRange> ranges, long pageSize, int maxRanges) {
        stop(); // what an earlier session could not
        try {
            List<IovaRange> logged = startAligned(ranges, Unsigned.max(pageSize, MIN_PAGE_SIZE), maxRanges);
            while (logged.stream().anyMatch(range -> !isWhole(range))) {
                // A device drops the dirt of a granule that begins below the range. Nothing is lost by starting again:
                // what the device writes before this method returns nobody asks for.
                stop();
                logged = startAligned(ranges, granule, maxRanges);
            }
            return logged.stream()
                    .flatMap(range -> ReportUnits.ofLogged(range, granule).stream())
                    .toList();
        } catch (Throwable e) {
            try {
                stop();
            } catch (RuntimeException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    /** Whether a range starts with a group of granules, and has no part of a granule. */
    private boolean isWhole(IovaRange range) {
        return (range.iova() & (group(granule) - 1)) == 0 && (range.length() & (granule - 1)) == 0;
    }

    private List<IovaRange> startAligned(List<IovaRange> ranges, long pageSize, int maxRanges) {
        int limit = Math.min(maxRanges, MAX_RANGES);
        boolean cutsTop = false;
        while (true) {
            List<IovaRange> aligned = loggable(ranges, pageSize, limit, cutsTop);
            try {
                granule = aligned.isEmpty() ? pageSize : Unsigned.max(start(aligned, pageSize), MIN_PAGE_SIZE);
                return aligned;
            } catch (IoctlException e) {
                if (e.errno() == Errno.E2BIG && aligned.size() > 1) {
                    limit = aligned.size()
                            / 2; // the driver takes fewer than the kernel does, and does not tell how many
                } else if (e.errno() == Errno.EINVAL
                        && !cutsTop
                        && !aligned.equals(loggable(ranges, pageSize, limit, true))) {
                    cutsTop = true; // the driver takes whole groups only
                } else {
                    throw e;
                }
            }
        }
    }

    /**
     * Aligns ranges to groups of granules. The kernel refuses a range that ends at 2^64, so of the last group of the space the
     * last granule is left out, or all of it.
     */
    private static List<IovaRange> loggable(List<IovaRange> ranges, long pageSize, int limit, boolean withoutTop) {
        long group = group(pageSize);
        IovaRange below = new IovaRange(0, -group);
        IovaRange lastGroup = new IovaRange(-group, group - pageSize);
        boolean top = !withoutTop
                && ranges.stream()
                        .anyMatch(range -> range.intersection(lastGroup).isPresent());
        Stream<IovaRange> before = top ? Stream.of(new IovaRange(-2 * group, group)) : Stream.of();
        List<IovaRange> wanted = Stream.concat(
                        ranges.stream().flatMap(range -> range.intersection(below).stream()), before)
                .toList();
        List<IovaRange> aligned = new ArrayList<>(IovaRange.cover(wanted, group, limit));
        if (top) {
            IovaRange last = aligned.removeLast();
            aligned.add(new IovaRange(last.iova(), last.length() + group - pageSize));
        }
        return aligned;
    }

    /** {@return the size of a group of granules, or of one where a group would be larger than the space} */
    private static long group(long granule) {
        return granule >>> (Long.SIZE - GROUP_SHIFT) == 0 ? granule << GROUP_SHIFT : granule;
    }

    private long start(List<IovaRange> aligned, long pageSize) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment array = arena.allocate(LoggingRange.LAYOUT, aligned.size());
            for (int i = 0; i < aligned.size(); i++) {
                MemorySegment element = array.asSlice(i * LoggingRange.LAYOUT.byteSize(), LoggingRange.LAYOUT);
                LoggingRange.IOVA.set(element, aligned.get(i).iova());
                LoggingRange.LENGTH.set(element, aligned.get(i).length());
            }
            MemorySegment struct = header(caller, SET | DMA_LOGGING_START, LoggingControl.LAYOUT.byteSize());
            MemorySegment control = struct.asSlice(HEADER_SIZE);
            LoggingControl.PAGE_SIZE.set(control, pageSize);
            LoggingControl.NUM_RANGES.set(control, aligned.size());
            LoggingControl.RANGES.set(control, array.address());
            call(
                    struct,
                    array,
                    "DMA_LOGGING_START",
                    "page_size=" + Unsigned.hex(pageSize) + " ranges=" + show(aligned));
            started = true;
            long granted = LoggingControl.PAGE_SIZE.get(control);
            if (!Unsigned.isPowerOfTwo(granted)) {
                throw new IllegalStateException(
                        device() + " granted a page size that is not a power of two: " + Unsigned.show(granted));
            }
            return granted;
        }
    }

    @Override
    public long granule() {
        return granule;
    }

    @Override
    public boolean isReportable(IovaRange unit) {
        return true; // else it would be no unit
    }

    @Override
    public void report(IovaRange unit, MemorySegment bitmap, boolean clear) {
        MemorySegment struct = header(caller, GET | DMA_LOGGING_REPORT, LoggingReport.LAYOUT.byteSize());
        MemorySegment report = struct.asSlice(HEADER_SIZE);
        LoggingReport.IOVA.set(report, unit.iova());
        LoggingReport.LENGTH.set(report, unit.length());
        LoggingReport.PAGE_SIZE.set(report, granule);
        LoggingReport.BITMAP.set(report, bitmap.address());
        call(struct, bitmap, "DMA_LOGGING_REPORT", show(List.of(unit)) + " page_size=" + Unsigned.hex(granule));
    }

    @Override
    public boolean canPeek() {
        return false;
    }

    @Override
    public void stop() {
        if (started) {
            MemorySegment struct = header(caller, SET | DMA_LOGGING_STOP, 0);
            call(struct, MemorySegment.NULL, "DMA_LOGGING_STOP", device().toString());
            started = false;
        }
    }

    private void call(MemorySegment struct, MemorySegment pointedTo, String feature, String arguments) {
        caller.call(
                device(), Ioctl.VFIO_DEVICE_FEATURE, struct, pointedTo, "VFIO_DEVICE_FEATURE " + feature, arguments);
    }

    private static MemorySegment header(Caller caller, int flags, long payload) {
        MemorySegment struct = caller.struct(HEADER_SIZE + payload);
        Header.ARGSZ.set(struct, struct.byteSize());
        Header.FLAGS.set(struct, flags);
        return struct;
    }

    private static String show(List<IovaRange> ranges) {
        return ranges.stream()
                .map(range -> "iova=" + Unsigned.hex(range.iova()) + " length=" + Unsigned.hex(range.length()))
                .collect(Collectors.joining(", "));
    }
}
