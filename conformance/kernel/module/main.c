// SPDX-License-Identifier: GPL-2.0
/*
 * An emulated VFIO device with a dirty log. User space says where it writes;
 * everything else is the kernel's own: the VFIO core takes the requests, cuts
 * them into windows and owns the iova_bitmap that this driver reports into.
 *
 * The ioctls are described in vfio_dirty_mock.h.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "compat.h"
#include "vdm.h"

#define VDM_MAX_DEVICES	16

static unsigned int devices = 1;
module_param(devices, uint, 0444);
MODULE_PARM_DESC(devices, "number of devices, 1 to 16");

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
	vdm_dma_info(vdm, &args);
	vdm_log_info(vdm, &args);
	return vdm_put_args(uarg, &args, sizeof(args));
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
	vdm_dma_open(to_vdm(vdev));
	return 0;
}

static void vdm_close_device(struct vfio_device *vdev)
{
	vdm_dma_close(to_vdm(vdev));
	vdm_log_reset(to_vdm(vdev));
}

static int vdm_init_device(struct vfio_device *vdev)
{
	vdev->log_ops = &vdm_log_ops;
	vdm_dma_init(to_vdm(vdev));
	return vdm_log_init(to_vdm(vdev));
}

static void vdm_release_device(struct vfio_device *vdev)
{
	vdm_log_free(to_vdm(vdev));
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
	.mmap = vdm_mmap,
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
