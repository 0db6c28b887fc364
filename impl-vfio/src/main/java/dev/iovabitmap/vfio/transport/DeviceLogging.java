package dev.iovabitmap.vfio.transport;

import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.DMA_LOGGING_REPORT;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.DMA_LOGGING_START;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.DMA_LOGGING_STOP;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.GET;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.PROBE;
import static dev.iovabitmap.vfio.uapi.DeviceFeature.Header.SET;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.IoctlException;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingControl;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingRange;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingReport;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.words.Unsigned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;

/** The device's own log of its DMA, through {@code VFIO_DEVICE_FEATURE_DMA_LOGGING_*}. */
public final class DeviceLogging implements Transport {
    /** The kernel's smallest page size of a report. */
    private static final long MIN_PAGE_SIZE = 4096;

    /** The kernel's limit, PAGE_SIZE / 16, where pages are smallest. */
    private static final int MAX_RANGES = 256;

    private static final long HEADER_SIZE = Header.LAYOUT.byteSize();

    private final Caller caller;
    private final Descriptor device;
    private long granule;
    private List<IovaRange> started = List.of();
    private List<IovaRange> units = List.of();

    /**
     * Creates the transport.
     *
     * @param caller the session's
     * @param device the device
     */
    public DeviceLogging(Caller caller, Descriptor device) {
        this.caller = caller;
        this.device = device;
    }

    /**
     * Asks whether a device can log.
     *
     * @param caller the asking owner's
     * @param device the device
     * @return whether all three features are there
     * @throws IoctlException if the device cannot even be asked
     */
    public static boolean isSupported(Caller caller, Descriptor device) {
        return probe(caller, device, SET | DMA_LOGGING_START)
                && probe(caller, device, SET | DMA_LOGGING_STOP)
                && probe(caller, device, GET | DMA_LOGGING_REPORT);
    }

    private static boolean probe(Caller caller, Descriptor device, int feature) {
        MemorySegment struct = header(caller, PROBE | feature, 0);
        int result = caller.ask(device, Ioctl.VFIO_DEVICE_FEATURE, struct, MemorySegment.NULL);
        return switch (-result) {
            case Errno.ENOTTY, Errno.EINVAL, Errno.EOPNOTSUPP -> false;
            default -> {
                Caller.requireDone(result, "VFIO_DEVICE_FEATURE PROBE", "feature=" + (feature & Header.FEATURE_MASK));
                yield true;
            }
        };
    }

    @Override
    public void start(List<IovaRange> ranges, long pageSize, int maxRanges) {
        long asked = Unsigned.max(pageSize, MIN_PAGE_SIZE);
        startAligned(ranges, asked, maxRanges);
        while (started.stream().anyMatch(range -> ((range.iova() | range.length()) & (granule - 1)) != 0)) {
            // A device drops the dirt of a granule that begins below the range. Nothing is lost by starting again:
            // what the device writes before this method returns nobody asks for.
            stop();
            startAligned(ranges, granule, maxRanges);
        }
        units = started.stream()
                .flatMap(range -> ReportUnits.ofLogged(range, granule).stream())
                .toList();
    }

    private void startAligned(List<IovaRange> ranges, long pageSize, int maxRanges) {
        int limit = Math.min(maxRanges, MAX_RANGES);
        while (true) {
            List<IovaRange> aligned = loggable(ranges, pageSize, limit);
            try {
                long granted = aligned.isEmpty() ? pageSize : start(aligned, pageSize);
                started = aligned;
                granule = Unsigned.max(granted, MIN_PAGE_SIZE);
                return;
            } catch (IoctlException e) {
                if (e.errno() != Errno.E2BIG || aligned.size() == 1) {
                    throw e;
                }
                limit = aligned.size() / 2; // the driver takes fewer than the kernel does, and does not tell how many
            }
        }
    }

    private static List<IovaRange> loggable(List<IovaRange> ranges, long pageSize, int limit) {
        // the kernel refuses a range that ends at 2^64, so its last page stays untracked and counts as dirty
        return IovaRange.cover(ranges, pageSize, limit).stream()
                .map(range -> withoutTop(range, pageSize))
                .filter(range -> range.length() != 0)
                .toList();
    }

    private static IovaRange withoutTop(IovaRange range, long pageSize) {
        boolean endsAtTop = range.iova() + range.length() == 0;
        return endsAtTop ? new IovaRange(range.iova(), range.length() - pageSize) : range;
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
            long granted = LoggingControl.PAGE_SIZE.get(control);
            if (!Unsigned.isPowerOfTwo(granted)) {
                requestStop();
                throw new IllegalStateException(
                        device + " granted a page size that is not a power of two: " + Unsigned.show(granted));
            }
            return granted;
        }
    }

    @Override
    public long granule() {
        return granule;
    }

    @Override
    public List<IovaRange> units() {
        return units;
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
    public boolean tracksMappings() {
        return false;
    }

    @Override
    public boolean isReportable(IovaRange mapping) {
        return false;
    }

    @Override
    public boolean unmapAndReport(IovaRange mapping, MemorySegment bitmap) {
        return false;
    }

    @Override
    public void stop() {
        if (!started.isEmpty()) {
            started = List.of();
            requestStop();
        }
    }

    private void requestStop() {
        call(header(caller, SET | DMA_LOGGING_STOP, 0), MemorySegment.NULL, "DMA_LOGGING_STOP", device.toString());
    }

    private void call(MemorySegment struct, MemorySegment pointedTo, String feature, String arguments) {
        caller.call(device, Ioctl.VFIO_DEVICE_FEATURE, struct, pointedTo, "VFIO_DEVICE_FEATURE " + feature, arguments);
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
