// SPDX-License-Identifier: GPL-2.0
/* Memory in pieces that are contiguous, for who maps the control node. */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "vdm.h"

#define VDM_PIECE	SZ_2M
#define VDM_MAX_MAP	SZ_256M

/* Each page lives as long as it is mapped or pinned: nobody else holds it. */
static int vdm_map_piece(struct vm_area_struct *vma, unsigned long address)
{
	const unsigned int order = get_order(VDM_PIECE);
	struct page *page;
	unsigned int i;
	int ret = 0;

	page = alloc_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO, order);
	if (!page)
		return -ENOMEM;
	split_page(page, order);
	for (i = 0; i < 1U << order; i++) {
		if (!ret)
			ret = vm_insert_page(vma, address + i * PAGE_SIZE, page + i);
		put_page(page + i);
	}
	return ret;
}

int vdm_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long size = vma->vm_end - vma->vm_start;
	unsigned long address;
	int ret;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff)
		return -EINVAL;
	if (size % VDM_PIECE || size > VDM_MAX_MAP)
		return -EINVAL;
	for (address = vma->vm_start; address < vma->vm_end; address += VDM_PIECE) {
		ret = vdm_map_piece(vma, address);
		if (ret)
			return ret;
	}
	return 0;
}
