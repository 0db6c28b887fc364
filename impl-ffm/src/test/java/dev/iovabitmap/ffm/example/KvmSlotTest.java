package dev.iovabitmap.ffm.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.ffm.FfmIovaBitmap;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Bitmaps that a running KVM has written: record-kvm-dirty-log.c says which pages the guest wrote. */
class KvmSlotTest {
    private static final KvmSlot LOW = new KvmSlot(0, 67 * 4096, 4096);
    private static final KvmSlot HIGH = new KvmSlot(0x60000, 130 * 4096, 4096);

    /** The pages that the guest wrote, as guest page numbers. */
    private static final List<Long> WRITTEN =
            List.of(3L, 63L, 64L, 66L, 0x60L, 0x60L + 7, 0x60L + 8, 0x60L + 71, 0x60L + 128, 0x60L + 129);

    @Test
    void theGuestsBitmapHasWhatTheGuestWrote() throws IOException {
        List<byte[]> logs = recorded();
        for (long pageSize : new long[] {512, 4096, 65536, 1 << 20}) {
            IovaBitmapLayout guest = new IovaBitmapLayout(0, 0x60000 + 140 * 4096, pageSize);
            TreeSet<Long> expected = new TreeSet<>();
            for (long page : WRITTEN) {
                for (long iova = page * 4096; iova < (page + 1) * 4096; iova += 512) {
                    expected.add(iova / pageSize);
                }
            }
            try (Arena arena = Arena.ofConfined();
                    IovaBitmap bitmap = FfmIovaBitmap.over(guest, arena.allocate(guest.byteSize(), 8))) {
                LOW.addTo(bitmap, in(arena, LOW, logs.get(0)));
                HIGH.addTo(bitmap, in(arena, HIGH, logs.get(1)));
                TreeSet<Long> actual = new TreeSet<>();
                DirtyPages.forEachRange(guest, bitmap.data(), (iova, length) -> {
                    for (long at = iova; at < iova + length; at += 512) {
                        actual.add(at / pageSize);
                    }
                });
                assertEquals(expected, actual, "page size " + pageSize);
            }
        }
    }

    /** A bitmap of a part of memory takes of each slot what it covers. */
    @Test
    void whatTheBitmapDoesNotCoverIsLeftOut() throws IOException {
        IovaBitmapLayout part = new IovaBitmapLayout(64 * 4096, 0x60000 + 8 * 4096 - 64 * 4096, 4096);
        List<byte[]> logs = recorded();
        try (Arena arena = Arena.ofConfined();
                IovaBitmap bitmap = FfmIovaBitmap.over(part, arena.allocate(part.byteSize(), 8))) {
            LOW.addTo(bitmap, in(arena, LOW, logs.get(0)));
            HIGH.addTo(bitmap, in(arena, HIGH, logs.get(1)));
            assertEquals(4, DirtyPages.count(part, bitmap.data()));
            for (long page : new long[] {64, 66, 0x60, 0x60 + 7}) {
                assertTrue(DirtyPages.isDirty(part, bitmap.data(), page * 4096), () -> "page " + page);
            }
        }
    }

    private static MemorySegment in(Arena arena, KvmSlot slot, byte[] log) {
        assertEquals(slot.logSize(), log.length);
        return arena.allocateFrom(ValueLayout.JAVA_BYTE, log);
    }

    private static List<byte[]> recorded() throws IOException {
        try (InputStream file = KvmSlotTest.class.getResourceAsStream("kvm-dirty-log.txt")) {
            assertNotNull(file);
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(HexFormat.of()::parseHex)
                    .toList();
        }
    }

    @Test
    void isWhatTheDocumentationShows() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        String source =
                Files.readString(root.resolve("impl-ffm/src/test/java/dev/iovabitmap/ffm/example/KvmSlot.java"));
        String shown = source.substring(source.indexOf("record KvmSlot")).stripTrailing();
        assertTrue(
                Files.readString(root.resolve("docs/kvm-log.md"))
                        .contains("<!-- KvmSlot.java -->\n```java\n" + shown + "\n```\n<!-- end -->"),
                () -> "docs/kvm-log.md has to show:\n" + shown);
    }
}
