package dev.iovabitmap.vfio;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import dev.iovabitmap.vfio.mock.LogVariant;
import dev.iovabitmap.vfio.mock.MockDevice;
import dev.iovabitmap.vfio.mock.MockPageTable;
import dev.iovabitmap.vfio.mock.RefusedReport;
import dev.iovabitmap.vfio.sys.Syscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Drives the mock device of the running kernel, or its mock IOMMU. */
final class MockHarness implements HardwareHarness {
    private static final long GIB = 1L << 30;
    private static final long MIB = 1L << 20;

    /**
     * A window and a bit, a range that begins and ends anywhere, and the top of the space, with holes between them. More would
     * only take longer where processors are emulated.
     */
    private static final List<IovaRange> LOGGED = List.of(
            new IovaRange(MIB, 66 * GIB),
            new IovaRange((1L << 42) + 0x5000, 3 * GIB - 0x7000),
            new IovaRange(-GIB, GIB));

    /** All mappings show the same memory, so that it is little; the device writes through them all the same. */
    private static final long MEMORY = 40 * MIB;

    private static final List<IovaRange> IN_CONTAINER = List.of(
            new IovaRange(1 << 24, MEMORY),
            new IovaRange(GIB, 6 * MIB),
            new IovaRange(GIB + 6 * MIB + 4096, 4096),
            new IovaRange((1L << 48) - 2 * MIB, 2 * MIB));

    private static final List<IovaRange> IN_PAGE_TABLE = List.of(
            new IovaRange(MockPageTable.FIRST, MEMORY),
            new IovaRange(GIB, 6 * MIB),
            new IovaRange(GIB + 6 * MIB + 4096, 4096),
            new IovaRange(MockPageTable.LAST + 1 - 2 * MIB, 2 * MIB));

    private final Arena arena = Arena.ofShared();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final RefusedReport kernel = new RefusedReport(Syscalls.linux());
    private final Vfio vfio;
    private final String transport;
    private final MockDevice mock;
    private @Nullable VfioDevice device;
    private @Nullable MockPageTable pageTable;
    private AddressSpace space;

    /** What the kernel maps, whatever the library knows. */
    private final Map<IovaRange, MemorySegment> mapped = new HashMap<>();

    private final Map<IovaRange, MemorySegment> gone = new HashMap<>();
    private final Set<IovaRange> unmappedByOwner = new HashSet<>();

    @SuppressWarnings("NullAway.Init") // open sets it, in a method of its own for each transport
    private MockHarness(String transport, MockDevice mock, LogVariant variant) {
        this.vfio = Vfio.of(kernel);
        this.transport = transport;
        this.mock = mock;
        opened.push(arena);
        opened.push(mock);
        try {
            mock.configure(variant.granule(), variant.behaviour());
            switch (transport) {
                case "log" -> openLog(variant);
                case "type1" -> openContainer();
                default -> openPageTable();
            }
        } catch (Throwable e) {
            closeAfter(e);
            throw e;
        }
    }

    /**
     * Opens a harness.
     *
     * @param transport {@code log}, {@code type1} or {@code iommufd}
     * @param device which mock device, or null for the first
     * @param variant one of {@link #variants}, or null for the device as it is
     * @return the harness, or nothing if there is no such device here
     */
    static Optional<HardwareHarness> open(String transport, @Nullable String device, @Nullable String variant) {
        Path root = Path.of("/");
        if (transport.equals("iommufd") && !Files.exists(root.resolve("dev/iommu"))) {
            return Optional.empty();
        }
        return MockDevice.find(Syscalls.linux(), root, device)
                .map(mock -> new MockHarness(transport, mock, chosen(transport, mock, variant)));
    }

    private static LogVariant chosen(String transport, MockDevice mock, @Nullable String variant) {
        try {
            return variant == null ? LogVariant.PLAIN : LogVariant.named(variant, variants(transport, mock));
        } catch (IllegalArgumentException e) {
            mock.close();
            throw e;
        }
    }

    private static List<LogVariant> variants(String transport, MockDevice mock) {
        return transport.equals("log") ? LogVariant.of(mock.cdev().isPresent()) : List.of();
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    private void openLog(LogVariant variant) {
        if (variant.throughCdev()) {
            IommufdSpace iommufd = opened(vfio.openAddressSpace());
            space = iommufd;
            device = opened(iommufd.openDevice(mock.cdev().orElseThrow()));
        } else {
            Type1Container container = opened(vfio.openContainer(List.of(mock.group())));
            space = container;
            device = opened(container.openDevice(mock.name()));
        }
    }

    private void openContainer() {
        Type1Container container = opened(vfio.openContainer(List.of(mock.group())));
        space = container;
        device = opened(container.openDevice(mock.name()));
        mapAll(IN_CONTAINER);
    }

    private void openPageTable() {
        MockPageTable table = opened(MockPageTable.open(Syscalls.linux()));
        pageTable = table;
        space = opened(vfio.adoptAddressSpace(
                table.handle().iommufd().number(),
                table.handle().ioas(),
                List.of(table.handle().id()),
                List.of()));
        mapAll(IN_PAGE_TABLE);
    }

    private void mapAll(List<IovaRange> ranges) {
        MemorySegment memory = arena.allocate(MEMORY, 2 * MIB);
        for (IovaRange range : ranges) {
            mapped.put(range, memory.asSlice(0, range.length()));
            space.map(range.iova(), memory.asSlice(0, range.length()));
        }
    }

    @Override
    public List<IovaRange> trackable() {
        return transport.equals("log") ? LOGGED : space.mappings();
    }

    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        return transport.equals("log")
                ? vfio.track(List.of(Objects.requireNonNull(device)), ranges, pageSize)
                : vfio.trackMappings(Set.of(space), ranges, pageSize);
    }

    @Override
    public void write(long iova, long length) {
        if (transport.equals("log")) {
            mock.write(iova, length);
            return;
        }
        IovaRange written = new IovaRange(iova, length);
        for (IovaRange mapping : mapped.keySet()) {
            mapping.intersection(written).ifPresent(part -> {
                if (pageTable != null) {
                    pageTable.write(part.iova(), part.length());
                } else {
                    mock.writeMemory(part.iova(), part.length());
                }
            });
        }
    }

    @Override
    public boolean isExact() {
        return !transport.equals("type1"); // pinned pages stay dirty
    }

    @Override
    public List<String> variants() {
        return variants(transport, mock).stream().map(LogVariant::name).toList();
    }

    /** The kernel is asked with a struct that it refuses: the error is its own. */
    @Override
    public boolean failNextReport() {
        kernel.arm();
        return true;
    }

    @Override
    public boolean unmap(IovaRange range) {
        if (transport.equals("log")) {
            return false;
        }
        space.unmap(range);
        gone.put(range, Objects.requireNonNull(mapped.remove(range)));
        return true;
    }

    @Override
    public boolean unmapAsOwner(IovaRange range) {
        if (transport.equals("log")) {
            return false;
        }
        space.forgetMapping(range);
        vfio.locked(() -> space.unmapHere(range));
        gone.put(range, Objects.requireNonNull(mapped.remove(range)));
        return unmappedByOwner.add(range);
    }

    @Override
    public boolean map(IovaRange range) {
        if (transport.equals("log")) {
            return false;
        }
        MemorySegment memory = Objects.requireNonNull(gone.remove(range));
        if (unmappedByOwner.remove(range)) {
            vfio.locked(() -> space.mapHere(range.iova(), memory));
            space.adoptMapping(range);
        } else {
            space.map(range.iova(), memory);
        }
        mapped.put(range, memory);
        return true;
    }

    /** By the same descriptors. */
    @Override
    public List<HardwareHarness> duplicates() {
        Vfio other = Vfio.of(kernel);
        VfioDevice mine = device;
        if (transport.equals("log")) {
            int fd = Objects.requireNonNull(mine).descriptor().number();
            return List.of(new DuplicateHarness(this, other, other.adoptDevice(fd, null), null, () -> {}));
        }
        AddressSpace adopted = space.adoptedBy(other, space.descriptor.number());
        return List.of(new DuplicateHarness(this, other, null, adopted, () -> {}));
    }

    @Override
    public boolean beforeEachCall(Runnable action) {
        kernel.beforeEachCall(action);
        return true;
    }

    /** Counts the files of VFIO and IOMMUFD that this process has open, and whether the device logs. */
    @Override
    public Map<String, Long> held() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            long files = descriptors.filter(MockHarness::isOfVfio).count();
            return Map.of("descriptors", files, "sessions", mock.isLogging() ? 1L : 0L, "pins", mock.pins());
        } catch (IOException e) {
            throw new IllegalStateException("the open files cannot be counted: " + e.getMessage(), e);
        }
    }

    private static boolean isOfVfio(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.contains("vfio") || target.contains("iommu");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Closes everything, the last that was opened first. */
    @Override
    public void close() {
        RuntimeException first = null;
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                if (first == null) {
                    first = new IllegalStateException("not everything could be closed: " + e.getMessage(), e);
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
