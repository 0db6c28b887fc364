package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.AddressSpace;
import dev.iovabitmap.vfio.Vfio;
import dev.iovabitmap.vfio.VfioDevice;

final class Api {
    static VfioDevice adoptDevice(Vfio vfio, AddressSpace space, int fd, int target) {
        return vfio.adoptDevice(fd, space);
    }

    static void forgetMapping(AddressSpace space, IovaRange range) {}
}
