package dev.iovabitmap.vfio.uapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.StructLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sizes and offsets of every struct: against values recorded from a compiler with the headers of Linux 6.12, always, and
 * against the compiler and headers of this machine, where they are. {@code -Duapi.include=DIR} adds a folder of headers.
 */
class LayoutTest {
    /** Padding that has another name, or none, in older or newer headers. */
    private static final Set<String> VARYING = Set.of("vfio_iommu_type1_info.pad", "iommu_hw_info.__reserved");

    /** A struct, its size, and each field with its offset and width. */
    private record Recorded(StructLayout layout, String header, String fields) {
        @Override
        public String toString() {
            return layout.name().orElseThrow();
        }
    }

    private static Recorded vfio(StructLayout layout, String fields) {
        return new Recorded(layout, "linux/vfio.h", fields);
    }

    /** Its header is ours, beside this module in the repository. */
    private static Recorded mock(StructLayout layout, String fields) {
        return new Recorded(layout, "vfio_dirty_mock.h", fields);
    }

    /** These are in no header that is installed, so that the recorded values are all there is. */
    private static Recorded test(StructLayout layout, String fields) {
        return new Recorded(layout, "iommufd_test.h", fields);
    }

    private static Recorded iommufd(StructLayout layout, String fields) {
        return new Recorded(layout, "linux/iommufd.h", fields);
    }

    static Stream<Recorded> structs() {
        return Stream.of(
                vfio(DeviceFeature.Header.LAYOUT, "8 argsz@0:4 flags@4:4"),
                vfio(
                        DeviceFeature.LoggingControl.LAYOUT,
                        "24 page_size@0:8 num_ranges@8:4 __reserved@12:4 ranges@16:8"),
                vfio(DeviceFeature.LoggingRange.LAYOUT, "16 iova@0:8 length@8:8"),
                vfio(DeviceFeature.LoggingReport.LAYOUT, "32 iova@0:8 length@8:8 page_size@16:8 bitmap@24:8"),
                vfio(Type1.GroupStatus.LAYOUT, "8 argsz@0:4 flags@4:4"),
                vfio(Type1.Info.LAYOUT, "24 argsz@0:4 flags@4:4 iova_pgsizes@8:8 cap_offset@16:4 pad@20:4"),
                vfio(Type1.CapabilityHeader.LAYOUT, "8 id@0:2 version@2:2 next@4:4"),
                vfio(
                        Type1.Migration.LAYOUT,
                        "32 header.id@0:2 header.version@2:2 header.next@4:4 flags@8:4 pgsize_bitmap@16:8"
                                + " max_dirty_bitmap_size@24:8"),
                vfio(Type1.DmaAvailable.LAYOUT, "12 header.id@0:2 header.version@2:2 header.next@4:4 avail@8:4"),
                vfio(
                        Type1.IovaRanges.LAYOUT,
                        "16 header.id@0:2 header.version@2:2 header.next@4:4 nr_iovas@8:4 reserved@12:4"),
                vfio(Type1.IovaRange.LAYOUT, "16 start@0:8 end@8:8"),
                vfio(Type1.Map.LAYOUT, "32 argsz@0:4 flags@4:4 vaddr@8:8 iova@16:8 size@24:8"),
                vfio(Type1.Unmap.LAYOUT, "24 argsz@0:4 flags@4:4 iova@8:8 size@16:8"),
                vfio(Type1.Bitmap.LAYOUT, "24 pgsize@0:8 size@8:8 data@16:8"),
                vfio(Type1.Dirty.LAYOUT, "8 argsz@0:4 flags@4:4"),
                vfio(
                        Type1.DirtyGet.LAYOUT,
                        "40 iova@0:8 size@8:8 bitmap.pgsize@16:8 bitmap.size@24:8 bitmap.data@32:8"),
                vfio(Iommufd.Bind.LAYOUT, "16 argsz@0:4 flags@4:4 iommufd@8:4 out_devid@12:4"),
                vfio(Iommufd.Attach.LAYOUT, "12 argsz@0:4 flags@4:4 pt_id@8:4"),
                vfio(Iommufd.Detach.LAYOUT, "8 argsz@0:4 flags@4:4"),
                iommufd(Iommufd.Destroy.LAYOUT, "8 size@0:4 id@4:4"),
                iommufd(Iommufd.IoasAlloc.LAYOUT, "12 size@0:4 flags@4:4 out_ioas_id@8:4"),
                iommufd(
                        Iommufd.IovaRanges.LAYOUT,
                        "32 size@0:4 ioas_id@4:4 num_iovas@8:4 __reserved@12:4 allowed_iovas@16:8"
                                + " out_iova_alignment@24:8"),
                iommufd(Iommufd.IovaRange.LAYOUT, "16 start@0:8 last@8:8"),
                iommufd(
                        Iommufd.IoasMap.LAYOUT,
                        "40 size@0:4 flags@4:4 ioas_id@8:4 __reserved@12:4 user_va@16:8 length@24:8 iova@32:8"),
                iommufd(Iommufd.IoasUnmap.LAYOUT, "24 size@0:4 ioas_id@4:4 iova@8:8 length@16:8"),
                iommufd(
                        Iommufd.Option.LAYOUT,
                        "24 size@0:4 option_id@4:4 op@8:2 __reserved@10:2 object_id@12:4 val64@16:8"),
                iommufd(
                        Iommufd.HwptAlloc.LAYOUT,
                        "48 size@0:4 flags@4:4 dev_id@8:4 pt_id@12:4 out_hwpt_id@16:4 __reserved@20:4 data_type@24:4"
                                + " data_len@28:4 data_uptr@32:8 fault_id@40:4 __reserved2@44:4"),
                iommufd(
                        Iommufd.HwInfo.LAYOUT,
                        "40 size@0:4 flags@4:4 dev_id@8:4 data_len@12:4 data_uptr@16:8 out_data_type@24:4"
                                + " __reserved@28:4 out_capabilities@32:8"),
                iommufd(Iommufd.SetDirtyTracking.LAYOUT, "16 size@0:4 flags@4:4 hwpt_id@8:4 __reserved@12:4"),
                iommufd(
                        Iommufd.GetDirtyBitmap.LAYOUT,
                        "48 size@0:4 hwpt_id@4:4 flags@8:4 __reserved@12:4 iova@16:8 length@24:8 page_size@32:8"
                                + " data@40:8"),
                test(
                        IommufdTest.MockDomain.LAYOUT,
                        "72 size@0:4 op@4:4 id@8:4 __reserved@12:4 out_stdev_id@16:4 out_hwpt_id@20:4 out_idev_id@24:4"
                                + " dev_flags@28:4 rest1@32:8 rest2@40:8 rest3@48:8 rest4@56:8 rest5@64:8"),
                test(
                        IommufdTest.Dirty.LAYOUT,
                        "72 size@0:4 op@4:4 id@8:4 __reserved@12:4 flags@16:4 pad@20:4 iova@24:8 length@32:8"
                                + " page_size@40:8 uptr@48:8 out_nr_dirty@56:8 rest@64:8"),
                mock(DirtyMock.Range.LAYOUT, "16 iova@0:8 length@8:8"),
                mock(
                        DirtyMock.Info.LAYOUT,
                        "80 argsz@0:4 flags@4:4 abi_version@8:4 page_size@12:4 max_dirty@16:4 max_windows@20:4"
                                + " max_pins@24:4 max_pin_pages@28:4 state@32:4 behaviour@36:4 granule@40:8 dirty@48:4"
                                + " windows@52:4 windows_lost@56:8 pins@64:4 reserved@68:4 starts@72:8"),
                mock(DirtyMock.Configure.LAYOUT, "24 argsz@0:4 flags@4:4 granule@8:8 behaviour@16:4 reserved@20:4"),
                mock(DirtyMock.Write.LAYOUT, "32 argsz@0:4 flags@4:4 count@8:4 reserved@12:4 ranges@16:8 logged@24:8"),
                mock(DirtyMock.Windows.LAYOUT, "32 argsz@0:4 flags@4:4 capacity@8:4 count@12:4 ranges@16:8 lost@24:8"),
                mock(DirtyMock.Pin.LAYOUT, "24 argsz@0:4 flags@4:4 iova@8:8 npages@16:4 reserved@20:4"),
                mock(DirtyMock.DmaRw.LAYOUT, "32 argsz@0:4 flags@4:4 iova@8:8 length@16:4 reserved@20:4 data@24:8"));
    }

    private static List<MemoryLayout> fields(StructLayout layout) {
        return layout.memberLayouts().stream()
                .filter(member -> !(member instanceof PaddingLayout))
                .toList();
    }

    private static long offset(StructLayout layout, MemoryLayout field) {
        return layout.byteOffset(PathElement.groupElement(field.name().orElseThrow()));
    }

    @ParameterizedTest
    @MethodSource("structs")
    void shouldBeAsRecorded(Recorded recorded) {
        StructLayout layout = recorded.layout;
        String actual = fields(layout).stream()
                .map(field -> field.name().orElseThrow() + "@" + offset(layout, field) + ":" + field.byteSize())
                .collect(Collectors.joining(" ", layout.byteSize() + " ", ""));
        assertEquals(recorded.fields, actual);
    }

    /** So that a new struct cannot be forgotten here. */
    @Test
    void shouldKnowAllStructs() {
        List<String> declared = Stream.of(
                        DeviceFeature.class, Type1.class, Iommufd.class, IommufdTest.class, DirtyMock.class)
                .flatMap(holder -> Stream.of(holder.getDeclaredClasses()))
                .map(struct -> {
                    try {
                        return ((StructLayout) struct.getField("LAYOUT").get(null))
                                .name()
                                .orElseThrow();
                    } catch (ReflectiveOperationException e) {
                        throw new AssertionError(e);
                    }
                })
                .sorted()
                .toList();
        assertEquals(declared, structs().map(Recorded::toString).sorted().toList());
    }

    @ParameterizedTest
    @MethodSource("structs")
    void shouldBeAsTheCompilerSays(Recorded recorded, @TempDir Path folder) throws Exception {
        StructLayout layout = recorded.layout;
        String struct = "struct " + recorded;
        String start = "#include <stddef.h>\n#include <linux/types.h>\n#include <" + recorded.header + ">\n";
        assumeTrue(
                compiles(folder, start + "_Static_assert(sizeof(" + struct + ") > 0, \"\");\n")
                        .isEmpty(),
                () -> "no C compiler, or no " + struct + " in " + recorded.header + " here");
        StringBuilder probe = new StringBuilder(start);
        check(probe, "sizeof(" + struct + ")", layout.byteSize());
        for (MemoryLayout field : fields(layout)) {
            String name = field.name().orElseThrow();
            if (!VARYING.contains(recorded + "." + name)) {
                check(probe, "offsetof(" + struct + ", " + name + ")", offset(layout, field));
                check(probe, "sizeof(((" + struct + " *) 0)->" + name + ")", field.byteSize());
            }
        }
        assertEquals("", compiles(folder, probe.toString()));
    }

    private static void check(StringBuilder probe, String expression, long value) {
        probe.append("_Static_assert(%s == %d, \"%s\");\n".formatted(expression, value, expression.replace("\"", "")));
    }

    /** What the compiler has against a program; nothing if it takes it. */
    private static String compiles(Path folder, String program) throws InterruptedException {
        try {
            Path source = Files.writeString(folder.resolve("probe.c"), program);
            List<String> command = new ArrayList<>(List.of("cc", "-fsyntax-only"));
            String include = System.getProperty("uapi.include", "");
            if (!include.isEmpty()) {
                command.add("-I" + include);
            }
            command.add("-I" + Path.of("../conformance/kernel/module"));
            command.add(source.toString());
            Process compiler =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return compiler.waitFor() == 0 ? "" : "exit " + compiler.exitValue() + "\n" + output;
        } catch (IOException e) {
            return e.toString();
        }
    }
}
