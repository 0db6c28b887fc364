package dev.iovabitmap.vfio.host;

/** Who may open what VFIO hands out. */
final class Udev {
    private Udev() {}

    /** The command that gives devices to a group, and a user to it; docs/hardware-runners.md explains its rules. */
    static String permit(String user) {
        return "groupadd -f vfio && usermod -aG vfio " + user
                + " && printf '%s\\n' 'SUBSYSTEM==\"vfio\", GROUP=\"vfio\", MODE=\"0660\"'"
                + " 'SUBSYSTEM==\"vfio-dev\", GROUP=\"vfio\", MODE=\"0660\"'"
                + " 'KERNEL==\"iommu\", SUBSYSTEM==\"misc\", GROUP=\"vfio\", MODE=\"0660\"'"
                + " > /etc/udev/rules.d/60-iova-bitmap.rules && udevadm control --reload && udevadm trigger"
                + " (then log in again)";
    }
}
