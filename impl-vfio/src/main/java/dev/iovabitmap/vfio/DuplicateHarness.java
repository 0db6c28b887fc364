package dev.iovabitmap.vfio;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.spi.HardwareHarness;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Drives what another harness drives, through an object of its own that has adopted the device or the address space.
 *
 * @param device what tracks by its log; null if the address space does
 * @param space what tracks; null if the device does
 * @param last what is done when everything is closed
 */
record DuplicateHarness(
        HardwareHarness of,
        Vfio vfio,
        @Nullable VfioDevice device,
        @Nullable AddressSpace space,
        Runnable last) implements HardwareHarness {
    @Override
    public List<IovaRange> trackable() {
        return of.trackable();
    }

    @Override
    public DirtyTracker track(List<IovaRange> ranges, long pageSize) {
        return device != null
                ? vfio.track(List.of(device), ranges, pageSize)
                : vfio.trackMappings(Set.of(Objects.requireNonNull(space)), ranges, pageSize);
    }

    @Override
    public void write(long iova, long length) {
        of.write(iova, length);
    }

    @Override
    public void close() {
        if (device != null) {
            device.close();
        }
        if (space != null) {
            space.close();
        }
        last.run();
    }
}
