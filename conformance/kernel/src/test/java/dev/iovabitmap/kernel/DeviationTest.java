package dev.iovabitmap.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviationTest {
    @TempDir
    Path directory;

    @Test
    void listIsReadable() throws IOException {
        List<String> ids = Deviation.all().stream().map(Deviation::id).toList();
        assertTrue(ids.contains("window-edge-lost"), ids::toString);
        assertEquals(ids.size(), ids.stream().distinct().count());
    }

    @Test
    void rangeIncludesItsStartAndNotItsEnd() {
        Deviation some = Deviation.parse("x | SET-2 | 6.1.2 .. 6.8 | why");
        assertFalse(some.isIn(KernelRelease.parse("6.1.1")));
        assertTrue(some.isIn(KernelRelease.parse("6.1.2")));
        assertTrue(some.isIn(KernelRelease.parse("6.1.192")));
        assertTrue(some.isIn(KernelRelease.parse("6.7.12")));
        assertFalse(some.isIn(KernelRelease.parse("6.8.0-rc1")));
        assertFalse(some.isIn(KernelRelease.parse("6.12.117")));
        Deviation open = Deviation.parse("x | SET-2 | 6.11 .. | why");
        assertTrue(open.isIn(KernelRelease.parse("7.0")));
        assertFalse(open.isIn(KernelRelease.parse("6.10.14")));
    }

    @Test
    void lineWithoutAReasonIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Deviation.parse("x | SET-2 | 6.1 .."));
        assertThrows(IllegalArgumentException.class, () -> Deviation.parse("x | SET-2 | six | why"));
    }

    @Test
    void windowsEndWith610() {
        assertTrue(KernelRelease.parse("6.10.14").hasWindows());
        assertFalse(KernelRelease.parse("6.11.0").hasWindows());
    }

    @Test
    void pageTellsWhatWasSeen() throws IOException {
        Path run = Files.writeString(
                directory.resolve("run"),
                "kernel\t6.1.192\t6.1.0-56-amd64\ncount\tlogging-random\t7\n"
                        + "public-case\tone\tdeviates\tset-past-end, window-edge-lost\n"
                        + "public-case\ttwo\tnot-asked\twhy not\npublic-case\tthree\tagrees\t\n"
                        + "deviation\twindow-edge-lost\tSET-2\tan input\twhat it did\n");
        String page = DeviationsPage.of(List.of(run));
        assertTrue(page.contains("Tried on Linux 6.1.192."), page);
        assertTrue(page.contains("Smallest input: an input."), page);
        assertTrue(page.contains("- 6.1.192 deviates: what it did\n"), page);
        assertTrue(page.contains("- public cases on 6.1.192: `one`\n"), page);
        assertTrue(page.contains("- 6.1.192, why not: `two`\n"), page);
        assertFalse(page.contains("three"), page);
        assertTrue(page.contains("- 6.1.192: logging-random 7\n"), page);
    }

    @Test
    void failedRunMakesNoPage() throws IOException {
        Path run = Files.writeString(directory.resolve("run"), "kernel\t6.1.192\tx\nfail\tsomething\n");
        assertThrows(IOException.class, () -> DeviationsPage.of(List.of(run)));
    }
}
