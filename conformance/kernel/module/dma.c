// SPDX-License-Identifier: GPL-2.0
/* What the device does in the container: pinning pages, copying bytes. */
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "vdm.h"

struct vdm_pin {
	struct list_head list;
	u64 iova;
	u32 npages;
};

/* The functions down to vdm_unpin() want dma_lock held. */

static void vdm_pin_drop(struct vdm *vdm, struct vdm_pin *pin)
{
	vfio_unpin_pages(&vdm->vdev, pin->iova, pin->npages);
	list_del(&pin->list);
	vdm->npins--;
	kfree(pin);
}

static long vdm_pin(struct vdm *vdm, const struct vfio_dirty_mock_pin *args)
{
	bool keep = args->flags & VFIO_DIRTY_MOCK_PIN_KEEP;
	int prot = IOMMU_READ;
	struct vdm_pin *pin;
	struct page **pages;
	int ret;

	if (keep && vdm->npins >= VFIO_DIRTY_MOCK_MAX_PINS)
		return -ENOSPC;
	if (args->flags & VFIO_DIRTY_MOCK_PIN_WRITE)
		prot |= IOMMU_WRITE;
	pin = kzalloc(sizeof(*pin), GFP_KERNEL_ACCOUNT);
	pages = kcalloc(args->npages, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pin || !pages) {
		ret = -ENOMEM;
		goto free;
	}

	ret = vfio_pin_pages(&vdm->vdev, args->iova, args->npages, prot, pages);
	if (ret != args->npages) {
		if (ret > 0)
			vfio_unpin_pages(&vdm->vdev, args->iova, ret);
		if (ret >= 0)
			ret = -EFAULT;
		goto free;
	}
	ret = 0;
	if (keep) {
		pin->iova = args->iova;
		pin->npages = args->npages;
		list_add_tail(&pin->list, &vdm->pins);
		vdm->npins++;
		pin = NULL;
	} else {
		vfio_unpin_pages(&vdm->vdev, args->iova, args->npages);
	}
free:
	kfree(pages);
	kfree(pin);
	return ret;
}

static long vdm_unpin(struct vdm *vdm, const struct vfio_dirty_mock_pin *args)
{
	struct vdm_pin *pin;

	list_for_each_entry(pin, &vdm->pins, list) {
		if (pin->iova == args->iova && pin->npages == args->npages) {
			vdm_pin_drop(vdm, pin);
			return 0;
		}
	}
	return -ENOENT;
}

/* The VFIO core insists that nothing in a mapping is pinned when it goes. */
void vdm_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
	struct vdm *vdm = to_vdm(vdev);
	struct vdm_pin *pin, *next;
	u64 last = iova + length - 1;

	mutex_lock(&vdm->dma_lock);
	list_for_each_entry_safe(pin, next, &vdm->pins, list) {
		u64 pin_last = pin->iova + (u64)pin->npages * PAGE_SIZE - 1;

		if (pin->iova <= last && pin_last >= iova)
			vdm_pin_drop(vdm, pin);
	}
	mutex_unlock(&vdm->dma_lock);
}

void vdm_dma_init(struct vdm *vdm)
{
	mutex_init(&vdm->dma_lock);
	INIT_LIST_HEAD(&vdm->pins);
}

void vdm_dma_open(struct vdm *vdm)
{
	mutex_lock(&vdm->dma_lock);
	vdm->open = true;
	mutex_unlock(&vdm->dma_lock);
}

void vdm_dma_close(struct vdm *vdm)
{
	mutex_lock(&vdm->dma_lock);
	while (!list_empty(&vdm->pins))
		vdm_pin_drop(vdm, list_first_entry(&vdm->pins, struct vdm_pin, list));
	vdm->open = false;
	mutex_unlock(&vdm->dma_lock);
}

void vdm_dma_info(struct vdm *vdm, struct vfio_dirty_mock_info *info)
{
	mutex_lock(&vdm->dma_lock);
	if (vdm->open)
		info->state |= VFIO_DIRTY_MOCK_STATE_OPEN;
	info->pins = vdm->npins;
	mutex_unlock(&vdm->dma_lock);
}

long vdm_ioctl_pin(struct vdm *vdm, unsigned int cmd, void __user *uarg)
{
	u32 known = VFIO_DIRTY_MOCK_PIN_WRITE | VFIO_DIRTY_MOCK_PIN_KEEP;
	struct vfio_dirty_mock_pin args;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (cmd == VFIO_DIRTY_MOCK_UNPIN)
		known = 0;
	if (args.flags & ~known || args.reserved || !PAGE_ALIGNED(args.iova) ||
	    !args.npages || args.npages > VFIO_DIRTY_MOCK_MAX_PIN_PAGES)
		return -EINVAL;

	mutex_lock(&vdm->dma_lock);
	if (!vdm->open)
		ret = -ENODEV;
	else if (cmd == VFIO_DIRTY_MOCK_UNPIN)
		ret = vdm_unpin(vdm, &args);
	else
		ret = vdm_pin(vdm, &args);
	mutex_unlock(&vdm->dma_lock);
	return ret;
}

long vdm_ioctl_dma_rw(struct vdm *vdm, void __user *uarg)
{
	struct vfio_dirty_mock_dma_rw args;
	void __user *data;
	bool write;
	void *buf;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags & ~VFIO_DIRTY_MOCK_DMA_RW_WRITE || args.reserved || !args.length ||
	    args.length > VFIO_DIRTY_MOCK_MAX_RW)
		return -EINVAL;
	write = args.flags & VFIO_DIRTY_MOCK_DMA_RW_WRITE;
	data = u64_to_user_ptr(args.data);
	buf = kvzalloc(args.length, GFP_KERNEL_ACCOUNT);
	if (!buf)
		return -ENOMEM;
	if (write && copy_from_user(buf, data, args.length)) {
		ret = -EFAULT;
		goto free;
	}

	mutex_lock(&vdm->dma_lock);
	ret = vdm->open ? vfio_dma_rw(&vdm->vdev, args.iova, buf, args.length, write) : -ENODEV;
	mutex_unlock(&vdm->dma_lock);
	if (!ret && !write && copy_to_user(data, buf, args.length))
		ret = -EFAULT;
free:
	kvfree(buf);
	return ret;
}
