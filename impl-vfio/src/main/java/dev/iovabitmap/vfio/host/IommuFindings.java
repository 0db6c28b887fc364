package dev.iovabitmap.vfio.host;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.transport.ContiguousWalk;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Whether there is an IOMMU, whether it can track, and what lies outside of its protection. */
final class IommuFindings {
    private static final String IOMMUS = "/sys/class/iommu";
    private static final String GROUPS = "/sys/kernel/iommu_groups";

    /** VT-d's extended capabilities: scalable mode, and dirty bits in second-stage tables. */
    private static final int INTEL_SCALABLE = 43;

    private static final int INTEL_DIRTY = 45;

    /** AMD-Vi's extended features: dirty bits in host tables. */
    private static final int AMD_DIRTY = 52;

    private IommuFindings() {}

    static List<Finding> of(HostFiles files) {
        List<Finding> findings = new ArrayList<>();
        List<String> iommus = files.list(IOMMUS);
        findings.add(iommus.isEmpty() ? noIommu(files) : Finding.ok("iommu", Text.some(iommus)));
        if (!iommus.isEmpty()) {
            findings.add(dirtyBits(files, iommus));
            if (ContiguousWalk.losesDirt(host(files, iommus))) {
                findings.add(Finding.limited(
                        "iommu walk",
                        "this kernel loses dirt of huge pages behind an AMD IOMMU: address spaces are mapped by small pages, and"
                                + " adopted ones are not tracked unless they are",
                        ""));
            }
        }
        List<String> groups = files.list(GROUPS);
        findings.add(
                groups.isEmpty()
                        ? Finding.missing(
                                "iommu groups",
                                iommus.isEmpty()
                                        ? "none, which mending the IOMMU mends"
                                        : "none: the kernel isolates no device, so VFIO hands none out",
                                iommus.isEmpty() ? "" : "dmesg | grep -i -e DMAR -e AMD-Vi -e SMMU")
                        : Finding.ok("iommu groups", String.valueOf(groups.size())));
        findings.addAll(unsafe(files));
        return findings;
    }

    private static Host host(HostFiles files, List<String> iommus) {
        return new Host(
                files.read("/proc/sys/kernel/osrelease"),
                iommus.stream().anyMatch(iommu -> files.exists(IOMMUS + "/" + iommu + "/amd-iommu")));
    }

    private static Finding noIommu(HostFiles files) {
        List<String> commandLine = Arrays.asList(files.read("/proc/cmdline").split("\\s+", -1));
        Optional<String> off = commandLine.stream()
                .filter(word -> word.matches("(intel_iommu|amd_iommu|iommu)=([^\\s]*,)?off(,.*)?"))
                .findFirst();
        if (off.isPresent()) {
            return Finding.missing(
                    "iommu",
                    "none: the kernel command line switches it off with " + off.get(),
                    "sed -i 's/" + off.get().replace("/", "\\/") + "//' /etc/default/grub && update-grub && reboot");
        }
        String processors = files.read("/proc/cpuinfo");
        if (processors.contains("GenuineIntel") && !commandLine.contains("intel_iommu=on")) {
            return Finding.missing(
                    "iommu",
                    "none: switch VT-d on in the firmware, and the kernel has to be told to use it",
                    "echo 'GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on\"'"
                            + " > /etc/default/grub.d/iommu.cfg && update-grub && reboot");
        }
        return Finding.missing(
                "iommu",
                "none: switch it on in the firmware (VT-d, AMD-Vi or SMMU); a virtual machine needs one from its host",
                "dmesg | grep -i -e DMAR -e AMD-Vi -e SMMU");
    }

    private static Finding dirtyBits(HostFiles files, List<String> iommus) {
        String name = "iommu dirty bits";
        int able = 0;
        int told = 0;
        boolean intel = false;
        for (String iommu : iommus) {
            Optional<BigInteger> vtd = hex(files.read(IOMMUS + "/" + iommu + "/intel-iommu/ecap"));
            Optional<BigInteger> amd = hex(files.read(IOMMUS + "/" + iommu + "/amd-iommu/features"));
            boolean has = vtd.map(bits -> bits.testBit(INTEL_SCALABLE) && bits.testBit(INTEL_DIRTY))
                    .or(() -> amd.map(bits -> bits.testBit(AMD_DIRTY)))
                    .orElse(false);
            told += vtd.isPresent() || amd.isPresent() ? 1 : 0;
            able += has ? 1 : 0;
            intel |= vtd.isPresent();
        }
        if (told < iommus.size()) {
            return Finding.unknown(name, "this IOMMU does not tell; iommufd tells it of each device");
        }
        if (able == 0) {
            return Finding.limited(name, "the hardware has none: transport iommufd cannot track here", "");
        }
        String count = able + " of " + iommus.size() + " can track for iommufd";
        return Finding.ok(name, intel ? count + ", in scalable mode (intel_iommu=on,sm_on)" : count);
    }

    private static Optional<BigInteger> hex(String text) {
        return text.matches("[0-9a-fA-F]{1,16}") ? Optional.of(new BigInteger(text, 16)) : Optional.empty();
    }

    /** What undoes the isolation that everything else rests on. */
    private static List<Finding> unsafe(HostFiles files) {
        List<Finding> findings = new ArrayList<>();
        String noIommu = "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode";
        if (files.read(noIommu).equals("Y")) {
            findings.add(Finding.limited(
                    "isolation",
                    "VFIO hands out devices without an IOMMU: those reach all of the memory",
                    "echo N > " + noIommu));
        }
        String interrupts = "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts";
        if (files.read(interrupts).equals("Y")) {
            findings.add(Finding.limited(
                    "isolation",
                    "interrupts are not remapped: a device can raise any of them",
                    "echo N > " + interrupts));
        }
        if (files.read("/proc/cmdline").contains("pcie_acs_override")) {
            findings.add(Finding.limited(
                    "isolation",
                    "pcie_acs_override makes groups smaller than the hardware isolates: devices reach each other",
                    "sed -i 's/pcie_acs_override=[^ \"]*//' /etc/default/grub && update-grub && reboot"));
        }
        return findings;
    }
}
