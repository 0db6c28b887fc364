package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.AddressSpace;
import dev.iovabitmap.vfio.IommufdSpace;
import dev.iovabitmap.vfio.VfioDevice;
import dev.iovabitmap.vfio.Vfio;

final class Api {
    static VfioDevice adoptDevice(Vfio vfio, AddressSpace space, int fd, int target) {
        return space instanceof IommufdSpace iommufd ? iommufd.adoptDevice(fd, target) : space.adoptDevice(fd);
    }

    static void forgetMapping(AddressSpace space, IovaRange range) {
        space.forgetMapping(range);
    }
}
