/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that the mock is built for: 6.1 to 6.12. */
#ifndef VFIO_DIRTY_MOCK_COMPAT_H
#define VFIO_DIRTY_MOCK_COMPAT_H

#include <linux/module.h>
#include <linux/version.h>
#include <linux/vfio.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)

#define VDM_IOMMUFD_OPS						\
	.bind_iommufd = vfio_iommufd_emulated_bind,		\
	.unbind_iommufd = vfio_iommufd_emulated_unbind,		\
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,	\
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,

/* The core frees the device after release(). */
static inline void vdm_free_device(struct vfio_device *vdev)
{
}

#else

#define VDM_IOMMUFD_OPS

static inline void vdm_free_device(struct vfio_device *vdev)
{
	vfio_free_device(vdev);
}

#endif

/* iova_bitmap_set() is in a symbol namespace since 6.7; a string since 6.13. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("IOMMUFD");
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
MODULE_IMPORT_NS(IOMMUFD);
#endif

#endif /* VFIO_DIRTY_MOCK_COMPAT_H */
