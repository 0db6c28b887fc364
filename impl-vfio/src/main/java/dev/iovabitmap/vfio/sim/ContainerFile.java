package dev.iovabitmap.vfio.sim;

import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /dev/vfio/vfio}: groups that share one IOMMU, which lives from SET_IOMMU until the last group leaves. */
final class ContainerFile extends OpenFile {
    private static final long TYPE1 = 1;
    private static final long TYPE1V2 = 3;
    private static final long DMA_CC = 4;
    private static final long UNMAP_ALL = 9;
    private static final long UPDATE_VADDR = 10;
    private static final Set<Long> EXTENSIONS = Set.of(TYPE1, TYPE1V2, DMA_CC, UNMAP_ALL, UPDATE_VADDR);

    private final Set<GroupFile> groups = new LinkedHashSet<>();
    private @Nullable Type1Iommu iommu;

    ContainerFile(SimulatedKernel kernel) {
        super(kernel, "/dev/vfio/vfio");
    }

    @Nullable
    Type1Iommu iommu() {
        return iommu;
    }

    void attach(GroupFile group) {
        if (iommu != null) {
            iommu.attach(group.device());
        }
        groups.add(group);
        get();
    }

    void detach(GroupFile group) {
        groups.remove(group);
        if (iommu != null) {
            iommu.detach(group.device());
            if (groups.isEmpty()) {
                iommu = null;
            }
        }
        put();
    }

    @Override
    int ioctl(Ioctl request, UserMemory memory) {
        return switch (request) {
            case VFIO_GET_API_VERSION -> 0;
            case VFIO_CHECK_EXTENSION -> EXTENSIONS.contains(memory.value()) ? 1 : 0;
            case VFIO_SET_IOMMU -> setIommu(memory.value());
            default -> {
                if (iommu == null) {
                    throw new KernelError(Errno.EINVAL);
                }
                yield iommu.ioctl(request, memory);
            }
        };
    }

    private int setIommu(long type) {
        KernelError.unless(!groups.isEmpty() && iommu == null, Errno.EINVAL);
        KernelError.unless(type == TYPE1 || type == TYPE1V2, Errno.ENODEV);
        Type1Iommu created = new Type1Iommu(kernel(), type == TYPE1V2);
        groups.forEach(group -> created.attach(group.device()));
        iommu = created;
        return 0;
    }

    @Override
    void release() {
        // Groups refer to their container, so none is left.
    }

    @Override
    Held held() {
        return iommu == null ? Held.NOTHING : iommu.held();
    }
}
