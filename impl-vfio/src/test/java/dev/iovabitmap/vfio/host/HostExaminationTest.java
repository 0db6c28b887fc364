package dev.iovabitmap.vfio.host;

import static dev.iovabitmap.vfio.host.FakeHost.failing;
import static dev.iovabitmap.vfio.host.FakeHost.missing;
import static dev.iovabitmap.vfio.host.FakeHost.named;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.spi.Finding;
import dev.iovabitmap.spi.Finding.Status;
import dev.iovabitmap.vfio.Probes;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found on hosts that are directories, with a kernel that is simulated. */
class HostExaminationTest {
    private static final String DEVICE = "device 0000:00:01.0";
    private static final HostAccess DENIED = new HostAccess(Optional.empty(), "native access is denied");

    @TempDir
    private Path root;

    private final SimulatedKernel kernel =
            SimulatedKernel.builder(KernelVersion.V6_12).build();

    @Test
    void aHostWithNothingLacksEverythingAndSaysWhatMendsIt() {
        List<Finding> findings = new FakeHost(root).examine(DENIED, null);
        assertEquals(
                List.of("iommu", "iommu groups", "vfio modules", "/dev/vfio/vfio", "devices", "native access"),
                missing(findings).stream().map(Finding::name).toList());
        assertEquals("modprobe vfio-pci", named(findings, "vfio modules").mend());
        assertEquals(Status.LIMITED, named(findings, "iommufd").status());
        assertEquals(Status.UNKNOWN, named(findings, "memlock").status());
    }

    @Test
    void aDeviceIsOpenedBothWaysAndNothingIsHeld() {
        List<Finding> findings =
                FakeHost.complete(root).device("mlx5_vfio_pci").cdev().examine(kernel);
        assertEquals(List.of(), missing(findings));
        assertEquals(
                "driver mlx5_vfio_pci, group 0, tracked by log, type1, iommufd",
                named(findings, DEVICE).meaning());
        assertEquals(Status.OK, named(findings, "/dev/vfio/vfio").status());
        assertEquals(
                "1 of 1 can track for iommufd, in scalable mode (intel_iommu=on,sm_on)",
                named(findings, "iommu dirty bits").meaning());
        assertEquals(Held.NOTHING, kernel.held());
    }

    @Test
    void aDeviceThatNothingTracksIsNoGood() {
        SimulatedKernel poor = SimulatedKernel.builder(KernelVersion.V6_12)
                .withoutLog(0)
                .iommuTracks(false)
                .build();
        FakeHost host = FakeHost.complete(root).device("vfio-pci").cdev().without("/dev/vfio/0");
        Finding device = named(host.examine(poor), DEVICE);
        assertEquals(Status.MISSING, device.status());
        assertTrue(device.meaning().contains("every page counts as dirty"), device::meaning);
    }

    @Test
    void iommufdBehindTheFileOfTheContainerIsToldBeforeItSaysEnotty() {
        kernel.fail(failing("VFIO_IOMMU_DIRTY_PAGES", Errno.ENOTTY));
        List<Finding> findings = FakeHost.complete(root).device("vfio-pci").examine(kernel);
        Finding container = named(findings, "/dev/vfio/vfio");
        assertAll(
                () -> assertEquals(Status.LIMITED, container.status()),
                () -> assertTrue(container.meaning().contains("CONFIG_IOMMUFD_VFIO_CONTAINER"), container::meaning),
                () -> assertTrue(container.mend().contains("--transport iommufd"), container::mend));
    }

    @ParameterizedTest
    @CsvSource({"13, EACCES, usermod -aG vfio", "16, EBUSY, fuser -v /dev/vfio/0", "5, EIO, dmesg"})
    void aGroupThatCannotBeOpenedIsAFinding(int errno, String name, String mend) {
        kernel.fail(failing("open /dev/vfio/0", errno));
        Finding device = named(FakeHost.complete(root).device("vfio-pci").examine(kernel), DEVICE);
        assertAll(
                () -> assertEquals(Status.MISSING, device.status()),
                () -> assertTrue(device.meaning().contains("open says " + name), device::meaning),
                () -> assertTrue(device.meaning().contains("/dev/vfio/0 is rw"), device::meaning),
                () -> assertTrue(device.mend().contains(mend), device::mend));
    }

    @Test
    void filesThatMayNotBeOpenedAreFindings() {
        kernel.fail(failing("open /dev/vfio/vfio", Errno.EACCES));
        kernel.fail(failing("open /dev/iommu", Errno.EACCES));
        List<Finding> findings = FakeHost.complete(root).examine(kernel);
        Finding container = named(findings, "/dev/vfio/vfio");
        Finding iommufd = named(findings, "iommufd");
        assertAll(
                () -> assertEquals(Status.MISSING, container.status()),
                () -> assertTrue(container.meaning().contains("EACCES"), container::meaning),
                () -> assertEquals(Status.LIMITED, iommufd.status()),
                () -> assertTrue(iommufd.mend().contains("KERNEL==\"iommu\""), iommufd::mend));
    }

    @Test
    void theOthersOfAGroupAreNamed() {
        FakeHost host = FakeHost.complete(root).device("vfio-pci");
        for (String other : List.of("0000:00:01.1", "0000:00:1f.0", "0000:00:02.0")) {
            host.directory("/sys/kernel/iommu_groups/0/devices/" + other);
        }
        host.link("/sys/bus/pci/devices/0000:00:01.1/driver", "../drivers/nvme")
                .link("/sys/bus/pci/devices/0000:00:1f.0/driver", "../drivers/pcieport")
                .file("/sys/bus/pci/devices/0000:00:1f.0/class", "0x060400\n");
        Finding device = named(host.examine(kernel), DEVICE);
        assertTrue(device.meaning().contains(": 0000:00:01.1 of its group"), device::meaning);
        assertEquals("driverctl set-override 0000:00:01.1 vfio-pci", device.mend());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0000:00:01.0", "/sys/bus/pci/devices/0000:00:01.0", "/dev/vfio/0", "/dev/vfio/devices/vfio0"})
    void aDeviceIsFoundByNameAndPath(String asked) {
        FakeHost host = FakeHost.complete(root).device("vfio-pci").cdev();
        HostAccess access = Probes.of(kernel);
        assertEquals(Status.OK, named(host.examine(access, asked), DEVICE).status());
        assertEquals(
                Status.MISSING,
                named(host.examine(access, asked + "0"), "device").status());
    }

    @Test
    void aNamedDeviceWithAnotherDriverHasToBeBound() {
        HostAccess access = Probes.of(kernel);
        Finding device = named(FakeHost.complete(root).device("nvme").examine(access, "0000:00:01.0"), DEVICE);
        assertTrue(device.meaning().startsWith("its driver is nvme"), device::meaning);
        assertTrue(device.mend().startsWith("driverctl set-override 0000:00:01.0 vfio-pci"), device::mend);
        assertFalse(device.meaning().contains("the host uses it"), device::meaning);
    }

    @ParameterizedTest
    @CsvSource({"net/eth0, net", "nvme/nvme0, nvme", "virtio2/block/vda, block"})
    void whatTheHostWouldLoseIsSaid(String child, String lost) {
        HostAccess access = Probes.of(kernel);
        FakeHost host = FakeHost.complete(root).device("some").directory("/sys/bus/pci/devices/0000:00:01.0/" + child);
        Finding device = named(host.examine(access, "0000:00:01.0"), DEVICE);
        assertTrue(device.meaning().contains("the host uses it (" + lost + ")"), device::meaning);
    }

    @ParameterizedTest
    @CsvSource({"6.1.0-56-amd64, LIMITED", "5.15.0, LIMITED", "6.6.9, LIMITED", "6.7.0, OK", "10.0, OK", "odd, OK"})
    void iommufdTracksSinceSixSeven(String release, Status status) {
        FakeHost host = FakeHost.complete(root).file("/proc/sys/kernel/osrelease", release);
        assertEquals(status, named(host.examine(kernel), "iommufd").status());
    }

    @Test
    void aKernelWithoutVfioNeedsAnother() {
        FakeHost host = new FakeHost(root)
                .file("/proc/sys/kernel/osrelease", "6.18.0-small")
                .packed("/proc/config.gz", "CONFIG_IOMMU_API=y\n# CONFIG_VFIO is not set\n");
        List<Finding> findings = host.examine(kernel);
        assertEquals(
                "Linux 6.18.0-small was built without CONFIG_VFIO",
                named(findings, "kernel").meaning());
        assertTrue(findings.stream().noneMatch(finding -> finding.name().equals("vfio modules")), findings::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "quiet iommu=off, GenuineIntel, switches it off with iommu=off",
        "amd_iommu=off, AuthenticAMD, switches it off with amd_iommu=off",
        "quiet, GenuineIntel, VT-d",
        "intel_iommu=on, GenuineIntel, firmware",
        "quiet, AuthenticAMD, AMD-Vi"
    })
    void anIommuIsMissingForAReason(String commandLine, String vendor, String reason) {
        FakeHost host =
                new FakeHost(root).file("/proc/cmdline", commandLine).file("/proc/cpuinfo", "vendor_id\t: " + vendor);
        Finding iommu = named(host.examine(kernel), "iommu");
        assertTrue(iommu.meaning().contains(reason), iommu::meaning);
        assertFalse(iommu.mend().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "intel-iommu/ecap, 280000000000, OK",
        "intel-iommu/ecap, 80000000000, LIMITED",
        "amd-iommu/features, 10000000000000, OK",
        "amd-iommu/features, 2000000000000, LIMITED",
        "amd-iommu/features, 0x, UNKNOWN",
        "arm/nothing, 1, UNKNOWN"
    })
    void dirtyBitsAreReadFromTheHardware(String file, String bits, Status status) {
        FakeHost host = new FakeHost(root).file("/sys/class/iommu/one/" + file, bits);
        assertEquals(status, named(host.examine(kernel), "iommu dirty bits").status());
    }

    /** Only where an AMD IOMMU is seen, and only in kernels that have the walk. */
    @ParameterizedTest
    @CsvSource({
        "amd-iommu/features, 6.18.9, false",
        "amd-iommu/features, 6.19.0-rc1, true",
        "amd-iommu/features, 7.0, true",
        "amd-iommu/features, odd, false",
        "intel-iommu/ecap, 6.19.0, false"
    })
    void kernelsThatLoseDirtBehindAnAmdIommuAreNamed(String file, String release, boolean loses) {
        FakeHost host = new FakeHost(root)
                .file("/sys/class/iommu/one/" + file, "10000000000000")
                .file("/proc/sys/kernel/osrelease", release);
        assertEquals(
                loses,
                host.examine(kernel).stream().anyMatch(finding -> finding.name().equals("iommu walk")));
    }

    @ParameterizedTest
    @CsvSource({
        "8388608, 0000000000000000, MISSING",
        "8388608, 0000000000004000, OK",
        "67108864, 0000000000000000, OK",
        "unlimited, 0000000000000000, OK",
        "99999999999999999999, 0000000000000000, UNKNOWN"
    })
    void memlockCounts(String limit, String capabilities, Status status) {
        FakeHost host = new FakeHost(root)
                .file("/proc/self/limits", "Max locked memory         " + limit + "   unlimited            bytes\n")
                .file("/proc/self/status", "Name:\tjava\nCapEff:\t" + capabilities + "\n");
        assertEquals(status, named(host.examine(kernel), "memlock").status());
    }

    @Test
    void whatUndoesIsolationIsNamed() {
        List<Finding> findings = new FakeHost(root)
                .file("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode", "Y\n")
                .file("/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y\n")
                .file("/proc/cmdline", "pcie_acs_override=downstream")
                .examine(kernel);
        assertEquals(
                3, findings.stream().filter(f -> f.name().equals("isolation")).count());
    }

    /** Nothing that stands in these files gets into a command, and none is read without an end. */
    @Test
    void aHostileHostIsBounded() throws IOException {
        FakeHost host = new FakeHost(root)
                .file("/proc/cmdline", "iommu=".repeat(1 << 20) + "off")
                .file("/proc/sys/kernel/osrelease", "../../etc\u001b[31m; reboot")
                .file("/sys/class/iommu", "no directory")
                .link("/sys/kernel/iommu_groups", "iommu_groups")
                .directory("/proc/self/limits")
                .directory("/sys/module/vfio")
                .file("/dev/vfio/vfio", "")
                .link("/sys/bus/pci/devices/$(reboot)/driver", "../drivers/vfio-pci")
                .link("/sys/bus/pci/devices/0000:00:01.0/driver", "../drivers/vfio-pci;reboot")
                .link("/sys/bus/pci/devices/0000:00:02.0/driver", "../drivers/vfio-pci")
                .link("/sys/bus/pci/devices/0000:00:02.0/iommu_group", "../groups/7`reboot`");
        host.directory("/sys/class/iommu_many");
        for (int i = 0; i < 5000; i++) {
            Files.createDirectory(root.resolve("sys/class/iommu_many/extra" + i));
        }
        List<Finding> findings = host.examine(kernel);
        assertTrue(findings.size() < 40, findings::toString);
        for (Finding finding : findings) {
            assertFalse(finding.mend().contains("reboot`") || finding.mend().contains("$(reboot"), finding::mend);
            assertFalse(finding.meaning().contains(";reboot"), finding::meaning);
            assertTrue(finding.meaning().length() < 1000, finding::meaning);
        }
        assertEquals(4096, new HostFiles(root).list("/sys/class/iommu_many").size());
        assertEquals("Linux of an unknown release", named(findings, "kernel").meaning());
        assertTrue(named(findings, "device 0000:00:02.0").meaning().contains("without an IOMMU group"));
    }

    @Test
    void whatUnpacksToMuchIsCut() {
        new FakeHost(root).packed("/proc/config.gz", "\0".repeat(32 << 20));
        assertEquals(4 << 20, new HostFiles(root).readLarge("/proc/config.gz").length());
    }
}
