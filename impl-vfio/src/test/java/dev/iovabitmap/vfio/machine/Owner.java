package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.vfio.machine.Pages.Place;
import dev.iovabitmap.vfio.sim.Caller;
import dev.iovabitmap.vfio.uapi.Ioctl;
import dev.iovabitmap.vfio.uapi.Iommufd;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Somebody else who holds an address space and devices, as a virtual machine monitor does, and makes the calls itself. */
final class Owner {
    private final Caller caller;
    private final World world;
    final Key key;
    final Map<Integer, Integer> devices = new LinkedHashMap<>();

    /** By IOMMU: page tables that track. */
    final Map<Integer, Integer> pageTables = new LinkedHashMap<>();

    private final Map<Integer, Integer> ids = new LinkedHashMap<>();
    private final List<Integer> others = new ArrayList<>();
    int fd;
    int ioas;

    Owner(Caller caller, World world, boolean iommufd) {
        this.caller = caller;
        this.world = world;
        this.key = new Key(iommufd, true);
        this.fd = caller.open(iommufd ? "/dev/iommu" : "/dev/vfio/vfio");
        this.ioas = iommufd ? caller.ioas(fd) : 0;
    }

    /** Opens a device, which cannot write yet behind IOMMUFD; false if it cannot be had. */
    boolean open(int device) {
        if (devices.containsKey(device)) {
            return false;
        }
        if (!key.iommufd) {
            int group = caller.open("/dev/vfio/" + device);
            if (group < 0) {
                return false;
            }
            if (caller.setContainer(group, fd) < 0) {
                caller.close(group);
                return false;
            }
            others.add(group);
            caller.call(fd, Ioctl.VFIO_SET_IOMMU, Caller.TYPE1V2); // the first time only
            devices.put(device, caller.deviceFd(group, caller.kernel.deviceName(device)));
            return true;
        }
        int opened = caller.open("/dev/vfio/devices/vfio" + device);
        int id = opened < 0 ? opened : caller.bind(opened, fd);
        if (id < 0) {
            if (opened >= 0) {
                caller.close(opened);
            }
            return false;
        }
        ids.put(device, id);
        if (target(device) < 0) { // what is mapped already is not for its IOMMU
            caller.close(opened);
            return false;
        }
        devices.put(device, opened);
        return true;
    }

    /** What a device is attached to, made if need be: a page table that tracks, or the address space. */
    int target(int device) {
        if (!key.iommufd || !world.hasBits(device)) {
            return ioas;
        }
        Integer present = pageTables.get(world.iommuOf(device));
        if (present != null) {
            return present;
        }
        int made = caller.hwpt(fd, ids.get(device), ioas, Iommufd.HwptAlloc.DIRTY_TRACKING);
        if (made >= 0) {
            pageTables.put(world.iommuOf(device), made);
        }
        return made;
    }

    void attach(int device) {
        if (key.iommufd) {
            caller.attach(devices.get(device), target(device));
        }
    }

    boolean map(Place place, MemorySegment memory) {
        long iova = place.range().iova();
        int result = key.iommufd ? caller.ioasMap(fd, ioas, iova, memory) : caller.map(fd, iova, memory);
        return result >= 0;
    }

    boolean unmap(Place place) {
        long iova = place.range().iova();
        long length = place.range().length();
        return (key.iommufd ? caller.ioasUnmap(fd, ioas, iova, length) : caller.unmap(fd, iova, length)) > 0;
    }

    int duplicateOf(int descriptor) {
        int duplicate = caller.kernel.duplicate(descriptor);
        others.add(duplicate);
        return duplicate;
    }

    void close() {
        devices.values().forEach(caller::close);
        others.reversed().forEach(caller::close);
        caller.close(fd);
        devices.clear();
        others.clear();
        pageTables.clear();
        ids.clear();
        key.places.clear();
        key.uncertain.clear();
    }
}
