/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of this module share. */
#ifndef VDM_H
#define VDM_H

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "vfio_dirty_mock.h"

#define VDM_NAME	"vfio_dirty_mock"

/*
 * log_lock may be held when user memory is touched, dma_lock when VFIO's
 * containers are called. Neither is taken under the other.
 */
struct vdm {
	struct vfio_device vdev;
	struct miscdevice misc;
	char name[sizeof(VDM_NAME) + 12];

	struct mutex log_lock;		/* guards all down to starts */
	u64 granule;
	u32 behaviour;
	bool logging;
	/* Disjoint and not adjacent, unless behaviour is RAW. */
	struct rb_root_cached dirty;
	u32 ndirty;
	struct vfio_dirty_mock_range *windows;
	u32 nwindows;
	u64 windows_lost;
	u64 asked;
	u64 granted;
	struct vfio_dirty_mock_range *tracked;
	u32 ntracked;
	u64 starts;

	struct mutex dma_lock;		/* guards all below, and what they pin */
	bool open;
	struct list_head pins;
	u32 npins;
};

static inline struct vdm *to_vdm(struct vfio_device *vdev)
{
	return container_of(vdev, struct vdm, vdev);
}

/* Copies the struct of an ioctl, which begins with its size, from user space. */
static inline int vdm_get_args(void *args, size_t size, const void __user *uarg)
{
	u32 argsz;

	if (get_user(argsz, (const u32 __user *)uarg))
		return -EFAULT;
	if (argsz < size)
		return -EINVAL;
	return copy_from_user(args, uarg, size) ? -EFAULT : 0;
}

static inline int vdm_put_args(void __user *uarg, const void *args, size_t size)
{
	return copy_to_user(uarg, args, size) ? -EFAULT : 0;
}

/* log.c: the dirty log. */
extern const struct vfio_log_ops vdm_log_ops;
int vdm_log_init(struct vdm *vdm);
void vdm_log_reset(struct vdm *vdm);
void vdm_log_free(struct vdm *vdm);
void vdm_log_info(struct vdm *vdm, struct vfio_dirty_mock_info *info);
long vdm_ioctl_configure(struct vdm *vdm, void __user *uarg);
long vdm_ioctl_write(struct vdm *vdm, void __user *uarg);
long vdm_ioctl_windows(struct vdm *vdm, void __user *uarg);
long vdm_ioctl_started(struct vdm *vdm, void __user *uarg);

/* dma.c: what the device pins and copies. */
void vdm_dma_init(struct vdm *vdm);
void vdm_dma_open(struct vdm *vdm);
void vdm_dma_close(struct vdm *vdm);
void vdm_dma_info(struct vdm *vdm, struct vfio_dirty_mock_info *info);
void vdm_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length);
long vdm_ioctl_pin(struct vdm *vdm, unsigned int cmd, void __user *uarg);
long vdm_ioctl_dma_rw(struct vdm *vdm, void __user *uarg);

/* memory.c: contiguous memory for those who map the control node. */
int vdm_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* VDM_H */
