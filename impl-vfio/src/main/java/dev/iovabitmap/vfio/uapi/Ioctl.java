package dev.iovabitmap.vfio.uapi;

/**
 * The ioctls that are used. All are plain {@code _IO(type, nr)}, so the number says nothing of the struct's size, which
 * travels in its first field. The same number may mean two calls, by the kind of file.
 */
public enum Ioctl {
    VFIO_GET_API_VERSION(0x3b64),
    VFIO_CHECK_EXTENSION(0x3b65),
    VFIO_SET_IOMMU(0x3b66),
    VFIO_GROUP_GET_STATUS(0x3b67),
    VFIO_GROUP_SET_CONTAINER(0x3b68),
    VFIO_GROUP_UNSET_CONTAINER(0x3b69),
    VFIO_GROUP_GET_DEVICE_FD(0x3b6a),
    VFIO_IOMMU_GET_INFO(0x3b70),
    VFIO_IOMMU_MAP_DMA(0x3b71),
    VFIO_IOMMU_UNMAP_DMA(0x3b72),
    /** On a container. */
    VFIO_IOMMU_DIRTY_PAGES(0x3b75),
    /** On a device. */
    VFIO_DEVICE_FEATURE(0x3b75),
    VFIO_DEVICE_BIND_IOMMUFD(0x3b76),
    VFIO_DEVICE_ATTACH_IOMMUFD_PT(0x3b77),
    VFIO_DEVICE_DETACH_IOMMUFD_PT(0x3b78),
    IOMMU_DESTROY(0x3b80),
    IOMMU_IOAS_ALLOC(0x3b81),
    IOMMU_IOAS_IOVA_RANGES(0x3b84),
    IOMMU_IOAS_MAP(0x3b85),
    IOMMU_IOAS_UNMAP(0x3b86),
    IOMMU_OPTION(0x3b87),
    IOMMU_HWPT_ALLOC(0x3b89),
    IOMMU_GET_HW_INFO(0x3b8a),
    IOMMU_HWPT_SET_DIRTY_TRACKING(0x3b8b),
    IOMMU_HWPT_GET_DIRTY_BITMAP(0x3b8c),
    /** On an IOMMUFD of a kernel that was built for tests. */
    IOMMU_TEST_CMD(0x3ba0),
    /** These are on the control node of the mock device, and no part of Linux. */
    VFIO_DIRTY_MOCK_INFO(0xdc00),
    VFIO_DIRTY_MOCK_CONFIGURE(0xdc01),
    VFIO_DIRTY_MOCK_WRITE(0xdc02),
    VFIO_DIRTY_MOCK_WINDOWS(0xdc03),
    VFIO_DIRTY_MOCK_PIN(0xdc05),
    VFIO_DIRTY_MOCK_UNPIN(0xdc06),
    VFIO_DIRTY_MOCK_DMA_RW(0xdc07);

    private final int number;

    Ioctl(int number) {
        this.number = number;
    }

    /** {@return the request number} */
    public int number() {
        return number;
    }
}
