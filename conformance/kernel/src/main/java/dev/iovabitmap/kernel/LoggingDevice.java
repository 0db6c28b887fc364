package dev.iovabitmap.kernel;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.mock.MockDevice;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.DeviceFeature.Header;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingControl;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingRange;
import dev.iovabitmap.vfio.uapi.DeviceFeature.LoggingReport;
import dev.iovabitmap.vfio.uapi.DirtyMock.Configure;
import dev.iovabitmap.vfio.uapi.Ioctl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/** The mock device, asked by single calls and not by a session: what the kernel answers is what is looked at. */
final class LoggingDevice implements AutoCloseable {
    private static final int TYPE1_V2 = 3;
    private static final long HEADER = Header.LAYOUT.byteSize();

    private final Arena arena = Arena.ofConfined();
    private final Caller caller;
    private final MockDevice mock;
    private final Descriptor container;
    private final Descriptor group;
    private final Descriptor device;

    private LoggingDevice(Syscalls syscalls, MockDevice mock) {
        this.caller = new Caller(syscalls, arena);
        this.mock = mock;
        container = Descriptor.open(syscalls, "/dev/vfio/vfio");
        group = Descriptor.open(syscalls, mock.group().toString());
        MemorySegment number = caller.struct(Integer.BYTES);
        number.set(ValueLayout.JAVA_INT, 0, container.number());
        caller.call(group, Ioctl.VFIO_GROUP_SET_CONTAINER, number, "container");
        caller.call(container, Ioctl.VFIO_SET_IOMMU, TYPE1_V2);
        MemorySegment name = arena.allocateFrom(mock.name());
        int fd = caller.call(group, Ioctl.VFIO_GROUP_GET_DEVICE_FD, name, mock.name());
        device = Descriptor.own(syscalls, mock.name(), fd);
        mock.configure(4096, Configure.RAW);
    }

    static LoggingDevice open() {
        Syscalls syscalls = Syscalls.linux();
        MockDevice mock = MockDevice.find(syscalls, Path.of("/"), null)
                .orElseThrow(() -> new IllegalStateException("there is no mock device: this is no guest"));
        return new LoggingDevice(syscalls, mock);
    }

    MockDevice mock() {
        return mock;
    }

    private MemorySegment header(int flags, long payload) {
        MemorySegment struct = caller.struct(HEADER + payload);
        Header.ARGSZ.set(struct, struct.byteSize());
        Header.FLAGS.set(struct, flags);
        return struct;
    }

    /** Starts logging; the range is made of whole pages. */
    void start(IovaRange range, long pageSize) {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment array = call.allocate(LoggingRange.LAYOUT);
            LoggingRange.IOVA.set(array, range.iova());
            LoggingRange.LENGTH.set(array, range.length());
            MemorySegment struct = header(Header.SET | Header.DMA_LOGGING_START, LoggingControl.LAYOUT.byteSize());
            MemorySegment control = struct.asSlice(HEADER);
            LoggingControl.PAGE_SIZE.set(control, pageSize);
            LoggingControl.NUM_RANGES.set(control, 1);
            LoggingControl.RANGES.set(control, array.address());
            caller.call(device, Ioctl.VFIO_DEVICE_FEATURE, struct, array, "START", range.toString());
        }
    }

    void stop() {
        MemorySegment struct = header(Header.SET | Header.DMA_LOGGING_STOP, 0);
        caller.call(device, Ioctl.VFIO_DEVICE_FEATURE, struct, MemorySegment.NULL, "STOP", mock.name());
    }

    /** Whether a report sets the writes too that it does not touch; not while something is logged. */
    void handOverEverything(boolean everything) {
        mock.configure(4096, Configure.RAW | (everything ? Configure.EVERYTHING : 0));
    }

    void write(List<IovaRange> ranges) {
        mock.write(ranges);
    }

    /** {@return 0, or the negated error number} */
    int report(long iova, long length, long pageSize, long bitmapAddress, MemorySegment memory) {
        MemorySegment struct = header(Header.GET | Header.DMA_LOGGING_REPORT, LoggingReport.LAYOUT.byteSize());
        MemorySegment report = struct.asSlice(HEADER);
        LoggingReport.IOVA.set(report, iova);
        LoggingReport.LENGTH.set(report, length);
        LoggingReport.PAGE_SIZE.set(report, pageSize);
        LoggingReport.BITMAP.set(report, bitmapAddress);
        return caller.ask(device, Ioctl.VFIO_DEVICE_FEATURE, struct, memory);
    }

    @Override
    public void close() {
        try (arena;
                mock;
                container;
                group) {
            device.close();
        }
    }
}
