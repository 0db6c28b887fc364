package dev.iovabitmap.vfio.mock;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.sys.Descriptor;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.DirtyMock.Configure;
import dev.iovabitmap.vfio.uapi.DirtyMock.DmaRw;
import dev.iovabitmap.vfio.uapi.DirtyMock.Info;
import dev.iovabitmap.vfio.uapi.DirtyMock.Pin;
import dev.iovabitmap.vfio.uapi.DirtyMock.Range;
import dev.iovabitmap.vfio.uapi.DirtyMock.Windows;
import dev.iovabitmap.vfio.uapi.DirtyMock.Write;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.words.Unsigned;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The control node of a mock device: makes it write, and reads back what the kernel asked of it. */
public final class MockDevice implements AutoCloseable {
    private static final String NAME = "vfio_dirty_mock.";

    private final Arena arena = Arena.ofShared();
    private final String name;
    private final Path sysfs;
    private final Descriptor control;
    private final Caller caller;
    private final MemorySegment bytes;

    private MockDevice(Syscalls syscalls, String name, Path node, Path sysfs) {
        this.name = name;
        this.sysfs = sysfs;
        this.caller = new Caller(syscalls, arena);
        this.bytes = arena.allocate(DmaRw.MOST);
        this.control = Descriptor.open(syscalls, node.toString());
    }

    /**
     * Opens the control node of a mock device.
     *
     * @param syscalls who answers
     * @param root {@code /}, below which the device's files are
     * @param device which one, as {@code vfio_dirty_mock.1} or the path of its node; null for the first
     * @return the device, or nothing if there is none here
     */
    public static Optional<MockDevice> find(Syscalls syscalls, Path root, @Nullable String device) {
        String wanted =
                device == null ? NAME + "0" : String.valueOf(Path.of(device).getFileName());
        Path node = root.resolve("dev").resolve(wanted);
        if (!wanted.startsWith(NAME) || !Files.exists(node)) {
            return Optional.empty();
        }
        Path sysfs = root.resolve("sys/bus/platform/devices").resolve(wanted);
        MockDevice found = new MockDevice(syscalls, wanted, node, sysfs);
        try {
            long version = found.info(Info.ABI_VERSION);
            if (version < Info.KNOWN_VERSION) {
                throw new IllegalStateException(
                        node + " speaks version " + version + " of its interface, not " + Info.KNOWN_VERSION);
            }
            return Optional.of(found);
        } catch (Throwable e) {
            found.close();
            throw e;
        }
    }

    /** {@return the name by which a group knows the device} */
    public String name() {
        return name;
    }

    /** {@return the file of the device's group} */
    public Path group() {
        try {
            return Path.of("/dev/vfio")
                    .resolve(sysfs.resolve("iommu_group").toRealPath().getFileName());
        } catch (IOException e) {
            throw new IllegalStateException(name + " is in no group: " + e.getMessage(), e);
        }
    }

    /** {@return the file of the device itself, if the kernel has such} */
    public Optional<Path> cdev() {
        Path directory = sysfs.resolve("vfio-dev");
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findFirst().map(entry -> Path.of("/dev/vfio/devices").resolve(entry.getFileName()));
        } catch (IOException e) {
            throw new IllegalStateException(directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void call(Ioctl request, MemorySegment struct, MemorySegment pointedTo, String arguments) {
        caller.call(control, request, struct, pointedTo, request.name(), arguments);
    }

    private MemorySegment info() {
        MemorySegment info = caller.struct(Info.LAYOUT.byteSize());
        Info.ARGSZ.set(info, info.byteSize());
        call(Ioctl.VFIO_DIRTY_MOCK_INFO, info, MemorySegment.NULL, name);
        return info;
    }

    private long info(dev.iovabitmap.vfio.uapi.Field field) {
        return field.get(info());
    }

    /** {@return whether the device logs} */
    public boolean isLogging() {
        return (info(Info.STATE) & Info.LOGGING) != 0;
    }

    /** {@return how many separate dirty ranges the device holds} */
    public long dirtyRanges() {
        return info(Info.DIRTY);
    }

    /** {@return how many pins the device holds} */
    public long pins() {
        return info(Info.PINS);
    }

    /**
     * Says what the device is like. It holds until it is said again.
     *
     * @param granule the smallest page size that it grants: 4 KiB, 64 KiB or 2 MiB
     * @param behaviour bits of {@link Configure}, or 0
     */
    public void configure(long granule, int behaviour) {
        MemorySegment struct = caller.struct(Configure.LAYOUT.byteSize());
        Configure.ARGSZ.set(struct, struct.byteSize());
        Configure.GRANULE.set(struct, granule);
        Configure.BEHAVIOUR.set(struct, behaviour);
        call(
                Ioctl.VFIO_DIRTY_MOCK_CONFIGURE,
                struct,
                MemorySegment.NULL,
                "granule=" + Unsigned.hex(granule) + " behaviour=" + behaviour);
    }

    /** Makes the device write, which its log is told; no memory changes. */
    public void write(long iova, long length) {
        write(List.of(new IovaRange(iova, length)));
    }

    /** Makes the device write ranges, in their order. */
    public void write(List<IovaRange> ranges) {
        for (int from = 0; from < ranges.size(); from += Write.MOST) {
            List<IovaRange> some = ranges.subList(from, Math.min(ranges.size(), from + Write.MOST));
            try (Arena call = Arena.ofConfined()) {
                MemorySegment array = call.allocate(Range.LAYOUT, some.size());
                for (int i = 0; i < some.size(); i++) {
                    MemorySegment element = element(array, i);
                    Range.IOVA.set(element, some.get(i).iova());
                    Range.LENGTH.set(element, some.get(i).length());
                }
                MemorySegment struct = caller.struct(Write.LAYOUT.byteSize());
                Write.ARGSZ.set(struct, struct.byteSize());
                Write.COUNT.set(struct, some.size());
                Write.RANGES.set(struct, array.address());
                call(Ioctl.VFIO_DIRTY_MOCK_WRITE, struct, array, some.toString());
            }
        }
    }

    private static MemorySegment element(MemorySegment array, int i) {
        return array.asSlice(i * Range.LAYOUT.byteSize(), Range.LAYOUT);
    }

    /** {@return the windows into which the kernel cut the reports since the last time, in order} */
    public List<IovaRange> takeWindows() {
        int held = Info.WINDOWS.getInt(info());
        try (Arena call = Arena.ofConfined()) {
            MemorySegment array = call.allocate(Range.LAYOUT, Math.max(1, held));
            MemorySegment struct = caller.struct(Windows.LAYOUT.byteSize());
            Windows.ARGSZ.set(struct, struct.byteSize());
            Windows.FLAGS.set(struct, Windows.CLEAR);
            Windows.CAPACITY.set(struct, held);
            Windows.RANGES.set(struct, array.address());
            call(Ioctl.VFIO_DIRTY_MOCK_WINDOWS, struct, array, name);
            if (Windows.LOST.get(struct) != 0) {
                throw new IllegalStateException(name + " lost " + Windows.LOST.get(struct) + " windows");
            }
            List<IovaRange> windows = new ArrayList<>();
            for (int i = 0; i < Windows.COUNT.getInt(struct); i++) {
                MemorySegment element = element(array, i);
                windows.add(new IovaRange(Range.IOVA.get(element), Range.LENGTH.get(element)));
            }
            return List.copyOf(windows);
        }
    }

    /** Makes the device write to mapped memory, which the container is told and the device's own log is not. */
    public void writeMemory(long iova, long length) {
        for (long done = 0; Unsigned.compare(done, length) < 0; ) {
            long size = Unsigned.min(length - done, DmaRw.MOST);
            MemorySegment struct = caller.struct(DmaRw.LAYOUT.byteSize());
            DmaRw.ARGSZ.set(struct, struct.byteSize());
            DmaRw.FLAGS.set(struct, DmaRw.WRITE);
            DmaRw.IOVA.set(struct, iova + done);
            DmaRw.LENGTH.set(struct, size);
            DmaRw.DATA.set(struct, bytes.address());
            call(Ioctl.VFIO_DIRTY_MOCK_DMA_RW, struct, bytes, new IovaRange(iova + done, size).toString());
            done += size;
        }
    }

    /** Pins pages of 4 KiB, for writing, until they are unpinned. */
    public void pin(long iova, int pages) {
        pin(Ioctl.VFIO_DIRTY_MOCK_PIN, iova, pages, Pin.WRITE | Pin.KEEP);
    }

    /** Unpins what was pinned with the same arguments. */
    public void unpin(long iova, int pages) {
        pin(Ioctl.VFIO_DIRTY_MOCK_UNPIN, iova, pages, 0);
    }

    private void pin(Ioctl request, long iova, int pages, int flags) {
        MemorySegment struct = caller.struct(Pin.LAYOUT.byteSize());
        Pin.ARGSZ.set(struct, struct.byteSize());
        Pin.FLAGS.set(struct, flags);
        Pin.IOVA.set(struct, iova);
        Pin.NPAGES.set(struct, pages);
        call(request, struct, MemorySegment.NULL, "iova=" + Unsigned.hex(iova) + " npages=" + pages);
    }

    /** Closes the control node. */
    @Override
    public void close() {
        try {
            control.close();
        } finally {
            arena.close();
        }
    }
}
