// SPDX-License-Identifier: GPL-2.0
/* The device's dirty log, and the ioctls that write it and read it back. */
#include <linux/interval_tree.h>
#include <linux/iova_bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "vdm.h"

/* IOVAs are kept in the unsigned longs of an interval tree. */
static_assert(sizeof(unsigned long) == sizeof(u64));

/* The functions down to vdm_dirty_take_raw() want log_lock held. */

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
	if (vdm->behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_EVERYTHING)
		vdm_dirty_take_raw(vdm, 0, U64_MAX, bitmap);
	else if (vdm->behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_RAW)
		vdm_dirty_take_raw(vdm, iova, last, bitmap);
	else
		ret = vdm_dirty_take(vdm, iova, last, bitmap);
unlock:
	mutex_unlock(&vdm->log_lock);
	return ret;
}

const struct vfio_log_ops vdm_log_ops = {
	.log_start = vdm_log_start,
	.log_stop = vdm_log_stop,
	.log_read_and_clear = vdm_log_read_and_clear,
};

int vdm_log_init(struct vdm *vdm)
{
	mutex_init(&vdm->log_lock);
	vdm->granule = SZ_4K;
	vdm->dirty = RB_ROOT_CACHED;
	vdm->windows = kvcalloc(VFIO_DIRTY_MOCK_MAX_WINDOWS, sizeof(*vdm->windows), GFP_KERNEL);
	return vdm->windows ? 0 : -ENOMEM;
}

/* All but the switches is as after loading. */
void vdm_log_reset(struct vdm *vdm)
{
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

void vdm_log_free(struct vdm *vdm)
{
	kvfree(vdm->windows);
	kvfree(vdm->tracked);
}

void vdm_log_info(struct vdm *vdm, struct vfio_dirty_mock_info *info)
{
	mutex_lock(&vdm->log_lock);
	if (vdm->logging)
		info->state |= VFIO_DIRTY_MOCK_STATE_LOGGING;
	info->behaviour = vdm->behaviour;
	info->granule = vdm->granule;
	info->dirty = vdm->ndirty;
	info->windows = vdm->nwindows;
	info->windows_lost = vdm->windows_lost;
	info->starts = vdm->starts;
	mutex_unlock(&vdm->log_lock);
}

static int vdm_put_ranges(u64 address, const struct vfio_dirty_mock_range *ranges, u32 count)
{
	return vdm_put_args(u64_to_user_ptr(address), ranges, count * sizeof(*ranges));
}

long vdm_ioctl_configure(struct vdm *vdm, void __user *uarg)
{
	const u32 known = VFIO_DIRTY_MOCK_BEHAVIOUR_WHOLE_GRANULE_CLEAR |
			  VFIO_DIRTY_MOCK_BEHAVIOUR_RAW |
			  VFIO_DIRTY_MOCK_BEHAVIOUR_EVERYTHING;
	struct vfio_dirty_mock_configure args;
	int ret;

	ret = vdm_get_args(&args, sizeof(args), uarg);
	if (ret)
		return ret;
	if (args.flags || args.reserved || args.behaviour & ~known)
		return -EINVAL;
	if (args.behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_EVERYTHING &&
	    !(args.behaviour & VFIO_DIRTY_MOCK_BEHAVIOUR_RAW))
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

long vdm_ioctl_write(struct vdm *vdm, void __user *uarg)
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

long vdm_ioctl_windows(struct vdm *vdm, void __user *uarg)
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

long vdm_ioctl_started(struct vdm *vdm, void __user *uarg)
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
