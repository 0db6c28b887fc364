/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Private ioctls of vfio_dirty_mock, an emulated VFIO device that writes where
 * it is told to and logs it as a device with dirty tracking does.
 *
 * They work on a VFIO device fd of the mock and on its control node
 * /dev/vfio_dirty_mock.N, which needs neither a container nor an iommufd.
 *
 * Numbers are _IO(0xDC, nr) without a size, as VFIO's own are. Each struct
 * begins with argsz and flags. argsz is the size of the struct that the caller
 * knows; less than the size given here is EINVAL. Unknown flags and nonzero
 * reserved fields are EINVAL, a bad pointer is EFAULT, an ioctl that does not
 * exist is ENOTTY. A failed call changes nothing unless it says so. Later
 * versions only add, and count VFIO_DIRTY_MOCK_ABI_VERSION up: 2 has
 * VFIO_DIRTY_MOCK_BEHAVIOUR_EVERYTHING and memory.
 *
 * The control node can be mapped: shared, from offset 0, a multiple of 2 MiB
 * and at most 256 MiB, else EINVAL. This is zeroed memory of which each 2 MiB
 * are physically contiguous and aligned, so that an IOMMU can map them by huge
 * entries where there is no hugetlbfs. It is freed when it is unmapped and
 * unpinned; each mapping has its own.
 *
 * Offsets are bytes. All fields are in host byte order and naturally aligned;
 * no struct has holes.
 */
#ifndef VFIO_DIRTY_MOCK_H
#define VFIO_DIRTY_MOCK_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VFIO_DIRTY_MOCK_ABI_VERSION	2

#define VFIO_DIRTY_MOCK_TYPE		0xDC

/* Limits. VFIO_DIRTY_MOCK_INFO returns the first four. */
#define VFIO_DIRTY_MOCK_MAX_DIRTY	65536	/* separate dirty ranges held */
#define VFIO_DIRTY_MOCK_MAX_WINDOWS	65536	/* windows held */
#define VFIO_DIRTY_MOCK_MAX_PINS	4096	/* pins held */
#define VFIO_DIRTY_MOCK_MAX_PIN_PAGES	512	/* pages in one pin */
#define VFIO_DIRTY_MOCK_MAX_WRITES	4096	/* ranges in one WRITE */
#define VFIO_DIRTY_MOCK_MAX_RW		1048576	/* bytes in one DMA_RW */

struct vfio_dirty_mock_range {		/* 16 bytes */
	__u64	iova;			/*  0 */
	__u64	length;			/*  8: bytes */
};

/*
 * VFIO_DIRTY_MOCK_INFO: 0xDC00, struct vfio_dirty_mock_info, out.
 *
 * Everything that is set and held. flags must be 0 and stays 0.
 */
struct vfio_dirty_mock_info {		/* 80 bytes */
	__u32	argsz;			/*  0 in  */
	__u32	flags;			/*  4 in  */
	__u32	abi_version;		/*  8 out */
	__u32	page_size;		/* 12 out: PAGE_SIZE of the kernel */
	__u32	max_dirty;		/* 16 out: limits, see above */
	__u32	max_windows;		/* 20 out */
	__u32	max_pins;		/* 24 out */
	__u32	max_pin_pages;		/* 28 out */
	__u32	state;			/* 32 out: VFIO_DIRTY_MOCK_STATE_* */
	__u32	behaviour;		/* 36 out: VFIO_DIRTY_MOCK_BEHAVIOUR_* */
	__u64	granule;		/* 40 out: as configured */
	__u32	dirty;			/* 48 out: separate dirty ranges held */
	__u32	windows;		/* 52 out: windows held */
	__u64	windows_lost;		/* 56 out: windows past the limit */
	__u32	pins;			/* 64 out: pins held */
	__u32	reserved;		/* 68 out: 0 */
	__u64	starts;			/* 72 out: logs started since load */
};

#define VFIO_DIRTY_MOCK_STATE_OPEN	(1 << 0)	/* a device fd is open */
#define VFIO_DIRTY_MOCK_STATE_LOGGING	(1 << 1)

#define VFIO_DIRTY_MOCK_INFO		_IO(VFIO_DIRTY_MOCK_TYPE, 0)

/*
 * VFIO_DIRTY_MOCK_CONFIGURE: 0xDC01, struct vfio_dirty_mock_configure, in.
 *
 * What the device is like. It holds until it is set again, over closes too;
 * after loading it is granule 4096, behaviour 0. EBUSY while logging.
 *
 * granule: the smallest page size that the log can grant: 4096, 65536 or
 * 2097152, else EINVAL. The log grants the larger of it and the page size that
 * START asks for, and dirt is kept in whole naturally aligned pages of that
 * size. START with a page size of 0 or no power of two is EINVAL.
 *
 * WHOLE_GRANULE_CLEAR: a report that covers a part of a granted page reports
 * that part and forgets the dirt of the whole page, as some IOMMUs do.
 *
 * RAW: each written range is kept apart, to the byte, without granules. A
 * report hands each one that it touches to iova_bitmap_set() whole, whatever
 * sticks out of the report or of the window, in ascending order of its start,
 * and forgets it. As a walker over huge IOMMU entries does.
 *
 * EVERYTHING, only with RAW, else EINVAL: a report hands over all written
 * ranges, those too that it does not touch.
 */
struct vfio_dirty_mock_configure {	/* 24 bytes */
	__u32	argsz;			/*  0 in */
	__u32	flags;			/*  4 in: 0 */
	__u64	granule;		/*  8 in */
	__u32	behaviour;		/* 16 in: VFIO_DIRTY_MOCK_BEHAVIOUR_* */
	__u32	reserved;		/* 20 in: 0 */
};

#define VFIO_DIRTY_MOCK_BEHAVIOUR_WHOLE_GRANULE_CLEAR	(1 << 0)
#define VFIO_DIRTY_MOCK_BEHAVIOUR_RAW			(1 << 1)
#define VFIO_DIRTY_MOCK_BEHAVIOUR_EVERYTHING		(1 << 2)

#define VFIO_DIRTY_MOCK_CONFIGURE	_IO(VFIO_DIRTY_MOCK_TYPE, 1)

/*
 * VFIO_DIRTY_MOCK_WRITE: 0xDC02, struct vfio_dirty_mock_write, in and out.
 *
 * The device writes count ranges. What falls into the ranges that START named
 * becomes dirty, the rest is not tracked; while nothing is logged nothing is.
 * No memory changes: see VFIO_DIRTY_MOCK_DMA_RW for that.
 *
 * logged returns the bytes that fell into tracked ranges, before rounding to
 * granules (2^64 - 1 if there are more). Length 0, or a range that passes the
 * end of the address space, is EINVAL and count over 4096 E2BIG; nothing is
 * written then. ENOSPC over the limit of dirty ranges and ENOMEM leave the
 * ranges before the failing one dirty, and logged as it was. A report that
 * would have to split a range at the limit is ENOSPC too, and keeps it.
 */
struct vfio_dirty_mock_write {		/* 32 bytes */
	__u32	argsz;			/*  0 in  */
	__u32	flags;			/*  4 in: 0 */
	__u32	count;			/*  8 in  */
	__u32	reserved;		/* 12 in: 0 */
	__u64	ranges;			/* 16 in: address of vfio_dirty_mock_range[count] */
	__u64	logged;			/* 24 out */
};

#define VFIO_DIRTY_MOCK_WRITE		_IO(VFIO_DIRTY_MOCK_TYPE, 2)

/*
 * VFIO_DIRTY_MOCK_WINDOWS: 0xDC03, struct vfio_dirty_mock_windows, in and out.
 *
 * The (iova, length) of each call of log_read_and_clear, in order: the windows
 * into which the kernel cut the reports. Calls while nothing is logged fail with
 * EINVAL and are not held. They are held until CLEAR or the last close.
 *
 * count returns how many there are. If that is more than capacity, the call is
 * ENOSPC, count and lost are returned and nothing else happens. lost returns
 * how many were not held because the limit was reached.
 */
struct vfio_dirty_mock_windows {	/* 32 bytes */
	__u32	argsz;			/*  0 in  */
	__u32	flags;			/*  4 in: VFIO_DIRTY_MOCK_WINDOWS_CLEAR or 0 */
	__u32	capacity;		/*  8 in: elements at ranges */
	__u32	count;			/* 12 out */
	__u64	ranges;			/* 16 in: address of vfio_dirty_mock_range[capacity] */
	__u64	lost;			/* 24 out */
};

#define VFIO_DIRTY_MOCK_WINDOWS_CLEAR	(1 << 0)

#define VFIO_DIRTY_MOCK_WINDOWS		_IO(VFIO_DIRTY_MOCK_TYPE, 3)

/*
 * VFIO_DIRTY_MOCK_STARTED: 0xDC04, struct vfio_dirty_mock_started, in and out.
 *
 * What the last successful START asked for and got, also after STOP; zeros if
 * there was none since the device was opened. Ranges come in ascending order.
 * More ranges than capacity: ENOSPC, with everything but the ranges returned.
 */
struct vfio_dirty_mock_started {	/* 40 bytes */
	__u32	argsz;			/*  0 in  */
	__u32	flags;			/*  4 in: 0 */
	__u64	asked_page_size;	/*  8 out */
	__u64	granted_page_size;	/* 16 out */
	__u32	capacity;		/* 24 in: elements at ranges */
	__u32	count;			/* 28 out */
	__u64	ranges;			/* 32 in: address of vfio_dirty_mock_range[capacity] */
};

#define VFIO_DIRTY_MOCK_STARTED		_IO(VFIO_DIRTY_MOCK_TYPE, 4)

/*
 * VFIO_DIRTY_MOCK_PIN: 0xDC05, struct vfio_dirty_mock_pin, in.
 * VFIO_DIRTY_MOCK_UNPIN: 0xDC06, the same struct, in.
 *
 * vfio_pin_pages() of npages pages (1 to 512, else EINVAL) from iova, which is
 * a multiple of the page size (else EINVAL). Without KEEP they are unpinned at
 * once. With KEEP they stay until UNPIN with the same iova and npages (flags 0;
 * ENOENT if there is none such), until their mapping goes, or until the device
 * is closed. ENOSPC over the limit of pins. ENODEV if no device fd is open;
 * otherwise the errno of vfio_pin_pages().
 */
struct vfio_dirty_mock_pin {		/* 24 bytes */
	__u32	argsz;			/*  0 in */
	__u32	flags;			/*  4 in: VFIO_DIRTY_MOCK_PIN_* */
	__u64	iova;			/*  8 in */
	__u32	npages;			/* 16 in */
	__u32	reserved;		/* 20 in: 0 */
};

#define VFIO_DIRTY_MOCK_PIN_WRITE	(1 << 0)	/* else for reading */
#define VFIO_DIRTY_MOCK_PIN_KEEP	(1 << 1)

#define VFIO_DIRTY_MOCK_PIN		_IO(VFIO_DIRTY_MOCK_TYPE, 5)
#define VFIO_DIRTY_MOCK_UNPIN		_IO(VFIO_DIRTY_MOCK_TYPE, 6)

/*
 * VFIO_DIRTY_MOCK_DMA_RW: 0xDC07, struct vfio_dirty_mock_dma_rw, in.
 *
 * vfio_dma_rw(): copies length bytes (1 to 1048576, else EINVAL) from data to
 * iova with WRITE, from iova to data without. ENODEV if no device fd is open;
 * otherwise the errno of vfio_dma_rw(). It leaves the device's own log alone:
 * the container is told of the write, the device's log is not.
 */
struct vfio_dirty_mock_dma_rw {		/* 32 bytes */
	__u32	argsz;			/*  0 in */
	__u32	flags;			/*  4 in: VFIO_DIRTY_MOCK_DMA_RW_WRITE or 0 */
	__u64	iova;			/*  8 in */
	__u32	length;			/* 16 in */
	__u32	reserved;		/* 20 in: 0 */
	__u64	data;			/* 24 in: address of the bytes */
};

#define VFIO_DIRTY_MOCK_DMA_RW_WRITE	(1 << 0)

#define VFIO_DIRTY_MOCK_DMA_RW		_IO(VFIO_DIRTY_MOCK_TYPE, 7)

#endif /* VFIO_DIRTY_MOCK_H */
