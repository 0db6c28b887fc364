// SPDX-License-Identifier: GPL-2.0
/*
 * An emulated VFIO device with a dirty log. User space says where it writes;
 * everything else is the kernel's own: the VFIO core takes the requests, cuts
 * them into windows and owns the iova_bitmap that this driver reports into.
 *
 * The ioctls are described in vfio_dirty_mock.h.
 */
#include <linux/fs.h>
#include <linux/interval_tree.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/iova_bitmap.h>

#include "compat.h"
#include "vfio_dirty_mock.h"

#define VDM_NAME	"vfio_dirty_mock"
#define VDM_MAX_DEVICES	16

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "number of devices, 1 to 16");

/* IOVAs are kept in the unsigned longs of an interval tree. */
static_assert(sizeof(unsigned long) == sizeof(u64));

#define VDM_CHECK_LAYOUT(type, last, size)				\
	static_assert(sizeof(struct vfio_dirty_mock_##type) == (size) &&	\
		      offsetofend(struct vfio_dirty_mock_##type, last) == (size))
VDM_CHECK_LAYOUT(range, length, 16);
VDM_CHECK_LAYOUT(info, starts, 80);
VDM_CHECK_LAYOUT(configure, reserved, 24);
VDM_CHECK_LAYOUT(write, logged, 32);
VDM_CHECK_LAYOUT(windows, lost, 32);
VDM_CHECK_LAYOUT(started, ranges, 40);
VDM_CHECK_LAYOUT(pin, reserved, 24);
VDM_CHECK_LAYOUT(dma_rw, data, 32);

struct vdm_pin {
	struct list_head list;
	u64 iova;
	u32 npages;
};

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

static struct vdm *to_vdm(struct vfio_device *vdev)
{
	return container_of(vdev, struct vdm, vdev);
}

/* The dirty log. All of it under log_lock. */

static void vdm_dirty_remove(struct vdm *vdm, struct interval_tree_node *node)
{
	interval_tree_remove(node, &vdm->dirty);
	vdm->ndirty--;
}

static void vdm_dirty_insert(struct vdm *vdm, struct interval_tree_node *node,
			     u64 first, u64 last)
{
	node->start = first;
	node->last = last;
	interval_tree_insert(node, &vdm->dirty);
	vdm->ndirty++;
}

static void vdm_dirty_drop(struct vdm *vdm)
{
	struct interval_tree_node *node;

	while ((node = interval_tree_iter_first(&vdm->dirty, 0, ULONG_MAX))) {
		vdm_dirty_remove(vdm, node);
		kfree(node);
	}
}

static struct interval_tree_node *vdm_dirty_alloc(struct vdm *vdm)
{
	struct interval_tree_node *node;

	if (vdm->ndirty >= VFIO_DIRTY_MOCK_MAX_DIRTY)
		return ERR_PTR(-ENOSPC);
	node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	return node ?: ERR_PTR(-ENOMEM);
}

static int vdm_dirty_add(struct vdm *vdm, u64 first, u64 last)
{
	struct interval_tree_node *node, *near;
	u64 below, above;

	node = vdm_dirty_alloc(vdm);
	if (IS_ERR(node))
		return PTR_ERR(node);
	if (!(vdm->behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_RAW)) {
		first = round_down(first, vdm->granted);
		last |= vdm->granted - 1;
		below = first ? first - 1 : first;
		above = last != U64_MAX ? last + 1 : last;
		while ((near = interval_tree_iter_first(&vdm->dirty, below, above))) {
			first = min_t(u64, first, near->start);
			last = max_t(u64, last, near->last);
			vdm_dirty_remove(vdm, near);
			kfree(near);
		}
	}
	vdm_dirty_insert(vdm, node, first, last);
	return 0;
}

/* Reports and forgets what is dirty in [first, last]. */
static int vdm_dirty_take(struct vdm *vdm, u64 first, u64 last, struct iova_bitmap *bitmap)
{
	struct interval_tree_node *node, *next, *rest;
	u64 clear_first = first, clear_last = last, node_first, node_last;

	if (vdm->behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_WHOLE_GRANULE_CLEAR) {
		clear_first = round_down(first, vdm->granted);
		clear_last |= vdm->granted - 1;
	}
	for (node = interval_tree_iter_first(&vdm->dirty, first, last); node; node = next) {
		next = interval_tree_iter_next(node, first, last);
		node_first = node->start;
		node_last = node->last;
		rest = NULL;
		/* What can fail comes first: until then nothing is forgotten. */
		if (node_first < clear_first && node_last > clear_last) {
			rest = vdm_dirty_alloc(vdm);
			if (IS_ERR(rest))
				return PTR_ERR(rest);
		}
		node_first = max(node_first, first);
		node_last = min(node_last, last);
		iova_bitmap_set(bitmap, node_first, node_last - node_first + 1);

		vdm_dirty_remove(vdm, node);
		if (rest)
			vdm_dirty_insert(vdm, rest, clear_last + 1, node->last);
		if (node->start < clear_first)
			vdm_dirty_insert(vdm, node, node->start, clear_first - 1);
		else if (node->last > clear_last)
			vdm_dirty_insert(vdm, node, clear_last + 1, node->last);
		else
			kfree(node);
	}
	return 0;
}

static void vdm_dirty_take_raw(struct vdm *vdm, u64 first, u64 last, struct iova_bitmap *bitmap)
{
	struct interval_tree_node *node;

	while ((node = interval_tree_iter_first(&vdm->dirty, first, last))) {
		iova_bitmap_set(bitmap, node->start, node->last - node->start + 1);
		vdm_dirty_remove(vdm, node);
		kfree(node);
	}
}

static int vdm_log_start(struct vfio_device *vdev, struct rb_root_cached *ranges, u32 nnodes,
			 u64 *page_size)
{
	struct vdm *vdm = to_vdm(vdev);
	struct vfio_dirty_mock_range *tracked;
	struct interval_tree_node *node;
	u32 n = 0;
	int ret = 0;

	if (!is_power_of_2(*page_size))
		return -EINVAL;
	tracked = kvcalloc(nnodes, sizeof(*tracked), GFP_KERNEL_ACCOUNT);
	if (!tracked)
		return -ENOMEM;
	for (node = interval_tree_iter_first(ranges, 0, ULONG_MAX); node && n < nnodes;
	     node = interval_tree_iter_next(node, 0, ULONG_MAX)) {
		tracked[n].iova = node->start;
		tracked[n].length = node->last - node->start + 1;
		n++;
	}

	mutex_lock(&vdm->log_lock);
	if (vdm->logging) {
		ret = -EINVAL;
	} else {
		swap(vdm->tracked, tracked);
		vdm->ntracked = n;
		vdm->asked = *page_size;
		vdm->granted = max(*page_size, vdm->granule);
		*page_size = vdm->granted;
		vdm->logging = true;
		vdm->starts++;
	}
	mutex_unlock(&vdm->log_lock);
	kvfree(tracked);
	return ret;
}

static int vdm_log_stop(struct vfio_device *vdev)
{
	struct vdm *vdm = to_vdm(vdev);

	mutex_lock(&vdm->log_lock);
	vdm->logging = false;
	vdm_dirty_drop(vdm);
	mutex_unlock(&vdm->log_lock);
	return 0;
}

static int vdm_log_read_and_clear(struct vfio_device *vdev, unsigned long iova,
				  unsigned long length, struct iova_bitmap *bitmap)
{
	struct vdm *vdm = to_vdm(vdev);
	u64 last = iova + length - 1;
	int ret = 0;

	mutex_lock(&vdm->log_lock);
	if (!vdm->logging) {
		ret = -EINVAL;
		goto unlock;
	}
	if (vdm->nwindows < VFIO_DIRTY_MOCK_MAX_WINDOWS) {
		vdm->windows[vdm->nwindows].iova = iova;
		vdm->windows[vdm->nwindows].length = length;
		vdm->nwindows++;
	} else {
		vdm->windows_lost++;
	}
	/* The core lets length 0 pass, and before 6.11 makes windows that wrap. */
	if (!length || last < iova)
		goto unlock;
	if (vdm->behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_RAW)
		vdm_dirty_take_raw(vdm, iova, last, bitmap);
	else
		ret = vdm_dirty_take(vdm, iova, last, bitmap);
unlock:
	mutex_unlock(&vdm->log_lock);
	return ret;
}

static const struct vfio_log_ops vdm_log_ops = {
	.log_start = vdm_log_start,
	.log_stop = vdm_log_stop,
	.log_read_and_clear = vdm_log_read_and_clear,
};

/* The container. All of it under dma_lock. */

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
static void vdm_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
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

/* The ioctls. */

static int vdm_get_args(void *args, size_t size, const void __user *uarg)
{
	u32 argsz;

	if (get_user(argsz, (const u32 __user *)uarg))
		return -EFAULT;
	if (argsz < size)
		return -EINVAL;
	return copy_from_user(args, uarg, size) ? -EFAULT : 0;
}

static int vdm_put_args(void __user *uarg, const void *args, size_t size)
{
	return copy_to_user(uarg, args, size) ? -EFAULT : 0;
}

static int vdm_put_ranges(u64 address, const struct vfio_dirty_mock_range *ranges, u32 count)
{
	return vdm_put_args(u64_to_user_ptr(address), ranges, count * sizeof(*ranges));
}

static long vdm_ioctl_info(struct vdm *vdm, void __user *uarg)
{
	struct vfio_dirty_mock_info args;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags)
		return -EINVAL;
	args = (struct vfio_dirty_mock_info) {
		.argsz = args.argsz,
		.abi_version = VFIO_DIRTY_MOCK_ABI_VERSION,
		.page_size = PAGE_SIZE,
		.max_dirty = VFIO_DIRTY_MOCK_MAX_DIRTY,
		.max_windows = VFIO_DIRTY_MOCK_MAX_WINDOWS,
		.max_pins = VFIO_DIRTY_MOCK_MAX_PINS,
		.max_pin_pages = VFIO_DIRTY_MOCK_MAX_PIN_PAGES,
	};

	mutex_lock(&vdm->dma_lock);
	if (vdm->open)
		args.state |= VFIO_DIRTY_MOCK_STATE_OPEN;
	args.pins = vdm->npins;
	mutex_unlock(&vdm->dma_lock);

	mutex_lock(&vdm->log_lock);
	if (vdm->logging)
		args.state |= VFIO_DIRTY_MOCK_STATE_LOGGING;
	args.behaviour = vdm->behaviour;
	args.granule = vdm->granule;
	args.dirty = vdm->ndirty;
	args.windows = vdm->nwindows;
	args.windows_lost = vdm->windows_lost;
	args.starts = vdm->starts;
	mutex_unlock(&vdm->log_lock);
	return vdm_put_args(uarg, &args, sizeof(args));
}

static long vdm_ioctl_configure(struct vdm *vdm, void __user *uarg)
{
	const u32 known = VFIO_DIRTY_MOCK_BEHAVIOUR_WHOLE_GRANULE_CLEAR |
			  VFIO_DIRTY_MOCK_BEHAVIOUR_RAW;
	struct vfio_dirty_mock_configure args;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags || args.reserved || args.behaviour & ~known)
		return -EINVAL;
	if (args.granule != SZ_4K && args.granule != SZ_64K && args.granule != SZ_2M)
		return -EINVAL;

	mutex_lock(&vdm->log_lock);
	if (vdm->logging) {
		ret = -EBUSY;
	} else {
		vdm->granule = args.granule;
		vdm->behaviour = args.behaviour;
	}
	mutex_unlock(&vdm->log_lock);
	return ret;
}

/* Marks the parts of a written range that are tracked and counts their bytes. */
static int vdm_write(struct vdm *vdm, const struct vfio_dirty_mock_range *range, u64 *logged)
{
	u64 last = range->iova + range->length - 1;
	u32 i;
	int ret;

	for (i = 0; i < vdm->ntracked; i++) {
		const struct vfio_dirty_mock_range *tracked = &vdm->tracked[i];
		u64 from = max(range->iova, tracked->iova);
		u64 to = min(last, tracked->iova + tracked->length - 1);

		if (from > to)
			continue;
		ret = vdm_dirty_add(vdm, from, to);
		if (ret)
			return ret;
		if (check_add_overflow(*logged, to - from + 1, logged))
			*logged = U64_MAX;
	}
	return 0;
}

static long vdm_ioctl_write(struct vdm *vdm, void __user *uarg)
{
	struct vfio_dirty_mock_range *ranges;
	struct vfio_dirty_mock_write args;
	u64 logged = 0;
	u32 i;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags || args.reserved)
		return -EINVAL;
	if (args.count > VFIO_DIRTY_MOCK_MAX_WRITES)
		return -E2BIG;
	ranges = vmemdup_user(u64_to_user_ptr(args.ranges), args.count * sizeof(*ranges));
	if (IS_ERR(ranges))
		return PTR_ERR(ranges);
	for (i = 0; i < args.count; i++) {
		if (!ranges[i].length || ranges[i].iova + ranges[i].length - 1 < ranges[i].iova) {
			ret = -EINVAL;
			goto free;
		}
	}

	mutex_lock(&vdm->log_lock);
	for (i = 0; i < args.count && vdm->logging && !ret; i++)
		ret = vdm_write(vdm, &ranges[i], &logged);
	mutex_unlock(&vdm->log_lock);
	if (!ret) {
		args.logged = logged;
		ret = vdm_put_args(uarg, &args, sizeof(args));
	}
free:
	kvfree(ranges);
	return ret;
}

static long vdm_ioctl_windows(struct vdm *vdm, void __user *uarg)
{
	struct vfio_dirty_mock_windows args;
	bool fits;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags & ~VFIO_DIRTY_MOCK_WINDOWS_CLEAR)
		return -EINVAL;

	mutex_lock(&vdm->log_lock);
	args.count = vdm->nwindows;
	args.lost = vdm->windows_lost;
	fits = args.count <= args.capacity;
	if (fits)
		ret = vdm_put_ranges(args.ranges, vdm->windows, args.count);
	if (!ret)
		ret = vdm_put_args(uarg, &args, sizeof(args));
	if (!ret && !fits)
		ret = -ENOSPC;
	if (!ret && args.flags & VFIO_DIRTY_MOCK_WINDOWS_CLEAR) {
		vdm->nwindows = 0;
		vdm->windows_lost = 0;
	}
	mutex_unlock(&vdm->log_lock);
	return ret;
}

static long vdm_ioctl_started(struct vdm *vdm, void __user *uarg)
{
	struct vfio_dirty_mock_started args;
	bool fits;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags)
		return -EINVAL;

	mutex_lock(&vdm->log_lock);
	args.asked_page_size = vdm->asked;
	args.granted_page_size = vdm->granted;
	args.count = vdm->ntracked;
	fits = args.count <= args.capacity;
	if (fits)
		ret = vdm_put_ranges(args.ranges, vdm->tracked, args.count);
	mutex_unlock(&vdm->log_lock);
	if (!ret)
		ret = vdm_put_args(uarg, &args, sizeof(args));
	return ret ?: fits ? 0 : -ENOSPC;
}

static long vdm_ioctl_pin(struct vdm *vdm, unsigned int cmd, void __user *uarg)
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

static long vdm_ioctl_dma_rw(struct vdm *vdm, void __user *uarg)
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

static long vdm_ioctl_mock(struct vdm *vdm, unsigned int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;

	switch (cmd) {
	case VFIO_DIRTY_MOCK_INFO:
		return vdm_ioctl_info(vdm, uarg);
	case VFIO_DIRTY_MOCK_CONFIGURE:
		return vdm_ioctl_configure(vdm, uarg);
	case VFIO_DIRTY_MOCK_WRITE:
		return vdm_ioctl_write(vdm, uarg);
	case VFIO_DIRTY_MOCK_WINDOWS:
		return vdm_ioctl_windows(vdm, uarg);
	case VFIO_DIRTY_MOCK_STARTED:
		return vdm_ioctl_started(vdm, uarg);
	case VFIO_DIRTY_MOCK_PIN:
	case VFIO_DIRTY_MOCK_UNPIN:
		return vdm_ioctl_pin(vdm, cmd, uarg);
	case VFIO_DIRTY_MOCK_DMA_RW:
		return vdm_ioctl_dma_rw(vdm, uarg);
	default:
		return -ENOTTY;
	}
}

/* The VFIO device. */

static long vdm_ioctl_get_info(void __user *uarg)
{
	struct vfio_device_info info = {};
	const size_t size = offsetofend(struct vfio_device_info, num_irqs);
	int ret;

	ret = vdm_get_args(&info, size, uarg);
	if (ret)
		return ret;
	/* No regions, no interrupts: only its log and its DMA are of interest. */
	info.flags = VFIO_DEVICE_FLAGS_PLATFORM;
	info.num_regions = 0;
	info.num_irqs = 0;
	return vdm_put_args(uarg, &info, size);
}

static long vdm_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	if (cmd == VFIO_DEVICE_GET_INFO)
		return vdm_ioctl_get_info((void __user *)arg);
	return vdm_ioctl_mock(to_vdm(vdev), cmd, arg);
}

static int vdm_open_device(struct vfio_device *vdev)
{
	struct vdm *vdm = to_vdm(vdev);

	mutex_lock(&vdm->dma_lock);
	vdm->open = true;
	mutex_unlock(&vdm->dma_lock);
	return 0;
}

static void vdm_close_device(struct vfio_device *vdev)
{
	struct vdm *vdm = to_vdm(vdev);

	mutex_lock(&vdm->dma_lock);
	while (!list_empty(&vdm->pins))
		vdm_pin_drop(vdm, list_first_entry(&vdm->pins, struct vdm_pin, list));
	vdm->open = false;
	mutex_unlock(&vdm->dma_lock);

	mutex_lock(&vdm->log_lock);
	vdm->logging = false;
	vdm_dirty_drop(vdm);
	vdm->nwindows = 0;
	vdm->windows_lost = 0;
	vdm->ntracked = 0;
	vdm->asked = 0;
	vdm->granted = 0;
	mutex_unlock(&vdm->log_lock);
}

static int vdm_init_device(struct vfio_device *vdev)
{
	struct vdm *vdm = to_vdm(vdev);

	mutex_init(&vdm->log_lock);
	mutex_init(&vdm->dma_lock);
	vdm->granule = SZ_4K;
	vdm->dirty = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&vdm->pins);
	vdm->windows = kvcalloc(VFIO_DIRTY_MOCK_MAX_WINDOWS, sizeof(*vdm->windows), GFP_KERNEL);
	if (!vdm->windows)
		return -ENOMEM;
	vdev->log_ops = &vdm_log_ops;
	return 0;
}

static void vdm_release_device(struct vfio_device *vdev)
{
	struct vdm *vdm = to_vdm(vdev);

	kvfree(vdm->windows);
	kvfree(vdm->tracked);
	vdm_free_device(vdev);
}

static const struct vfio_device_ops vdm_ops = {
	.name = VDM_NAME,
	.init = vdm_init_device,
	.release = vdm_release_device,
	VDM_IOMMUFD_OPS
	.open_device = vdm_open_device,
	.close_device = vdm_close_device,
	.ioctl = vdm_ioctl,
	.dma_unmap = vdm_dma_unmap,
};

/* The control node. It holds a reference, so that it may outlive the driver. */

static int vdm_control_open(struct inode *inode, struct file *file)
{
	struct vdm *vdm = container_of(file->private_data, struct vdm, misc);

	/* Under misc_mtx, as is misc_deregister(): vdm is still there. */
	get_device(&vdm->vdev.device);
	file->private_data = vdm;
	return nonseekable_open(inode, file);
}

static int vdm_control_release(struct inode *inode, struct file *file)
{
	struct vdm *vdm = file->private_data;

	put_device(&vdm->vdev.device);
	return 0;
}

static long vdm_control_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return vdm_ioctl_mock(file->private_data, cmd, arg);
}

static const struct file_operations vdm_control_fops = {
	.owner = THIS_MODULE,
	.open = vdm_control_open,
	.release = vdm_control_release,
	.unlocked_ioctl = vdm_control_ioctl,
};

static void vdm_unregister(void *data)
{
	struct vdm *vdm = data;

	vfio_unregister_group_dev(&vdm->vdev);
	vfio_put_device(&vdm->vdev);
}

static void vdm_deregister_control(void *data)
{
	struct vdm *vdm = data;

	misc_deregister(&vdm->misc);
}

static int vdm_probe(struct platform_device *pdev)
{
	struct vdm *vdm;
	int ret;

	vdm = vfio_alloc_device(vdm, vdev, &pdev->dev, &vdm_ops);
	if (IS_ERR(vdm))
		return PTR_ERR(vdm);
	ret = vfio_register_emulated_iommu_dev(&vdm->vdev);
	if (ret) {
		vfio_put_device(&vdm->vdev);
		return ret;
	}
	ret = devm_add_action_or_reset(&pdev->dev, vdm_unregister, vdm);
	if (ret)
		return ret;

	snprintf(vdm->name, sizeof(vdm->name), VDM_NAME ".%d", pdev->id);
	vdm->misc.minor = MISC_DYNAMIC_MINOR;
	vdm->misc.name = vdm->name;
	vdm->misc.fops = &vdm_control_fops;
	vdm->misc.parent = &pdev->dev;
	vdm->misc.mode = 0600;
	ret = misc_register(&vdm->misc);
	if (ret)
		return ret;
	return devm_add_action_or_reset(&pdev->dev, vdm_deregister_control, vdm);
}

/* The VFIO core takes references on the module through the bound driver. */
static struct platform_driver vdm_driver = {
	.probe = vdm_probe,
	.driver = {
		.name = VDM_NAME,
	},
};

static struct platform_device *vdm_devices[VDM_MAX_DEVICES];

static void vdm_remove_devices(void)
{
	unsigned int i;

	for (i = 0; i < VDM_MAX_DEVICES && vdm_devices[i]; i++)
		platform_device_unregister(vdm_devices[i]);
}

static int __init vdm_init(void)
{
	struct platform_device *pdev;
	unsigned int i;
	int ret;

	if (!devices || devices > VDM_MAX_DEVICES)
		return -EINVAL;
	ret = platform_driver_register(&vdm_driver);
	if (ret)
		return ret;
	for (i = 0; i < devices; i++) {
		pdev = platform_device_register_simple(VDM_NAME, i, NULL, 0);
		if (IS_ERR(pdev)) {
			vdm_remove_devices();
			platform_driver_unregister(&vdm_driver);
			return PTR_ERR(pdev);
		}
		vdm_devices[i] = pdev;
	}
	return 0;
}
module_init(vdm_init);

static void __exit vdm_exit(void)
{
	vdm_remove_devices();
	platform_driver_unregister(&vdm_driver);
}
module_exit(vdm_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Emulated VFIO device with a dirty log that user space writes");
