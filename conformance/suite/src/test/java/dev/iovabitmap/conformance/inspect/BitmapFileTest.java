package dev.iovabitmap.conformance.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BitmapFileTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path directory;

    @Test
    void coversWhatAllWordsOfAFileCover() throws Exception {
        Path path = Files.write(directory.resolve("words"), new byte[24]);
        try (BitmapFile file = BitmapFile.open(path, 0x1000, null, 4096)) {
            assertEquals(new IovaBitmapLayout(0x1000, 24 * 8 * 4096, 4096), file.layout());
            assertEquals(0, file.bytesBehind());
        }
    }

    @Test
    void derivesALengthUpToTheLargestThereIs() throws Exception {
        Path one = Files.write(directory.resolve("one"), new byte[8]);
        try (BitmapFile file = BitmapFile.open(one, 0, null, 1L << 57)) {
            assertEquals(1L << 63, file.layout().length());
        }
        InspectException tooMuch = assertThrows(InspectException.class, () -> BitmapFile.open(one, 0, null, 1L << 58));
        assertEquals(
                "'" + one + "' has 8 bytes, which at 256 PiB a page cover 2^64 bytes or more:"
                        + " say with --length what the bitmap covers",
                tooMuch.getMessage());
        Path three = Files.write(directory.resolve("three"), new byte[24]);
        assertThrows(InspectException.class, () -> BitmapFile.open(three, 0, null, 1L << 57));
        assertThrows(InspectException.class, () -> BitmapFile.open(three, 0, null, 1L << 63));
    }

    @Test
    void looksAtNothingBehindTheBitmap() throws Exception {
        byte[] bytes = new byte[21];
        bytes[8] = -1;
        Path path = Files.write(directory.resolve("foreign"), bytes);
        try (BitmapFile file = BitmapFile.open(path, 0, 64L * 4096, 4096)) {
            assertEquals(13, file.bytesBehind());
            assertEquals(
                    0,
                    Inspector.read(file, 1, (iova, length, pages) -> {}, List.of())
                            .dirtyPages());
        }
    }

    /** More than 2^31 bytes and bits: an index that lost its upper half would show at the far end. */
    @Test
    void readsASparseFileOfGibibytes() throws Exception {
        Path path = directory.resolve("sparse");
        long[] bits = {0, 1L << 31, (1L << 32) + 1, 8 * (2 * GIB) - 1, 8 * (2 * GIB), 8 * (2 * GIB) + 64 * 4096 - 1};
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            for (long bit : bits) {
                channel.write(ByteBuffer.wrap(new byte[] {(byte) (1 << bit % 8)}), bit / 8);
            }
        }
        List<IovaRange> ranges = new ArrayList<>();
        try (BitmapFile file = BitmapFile.open(path, 1L << 60, null, 4096)) {
            assertEquals(2 * GIB + 8 * 4096, file.fileSize());
            Density density = new Density(file.layout(), 8, 1);
            Tally tally = Inspector.read(
                    file, 100, (iova, length, pages) -> ranges.add(new IovaRange(iova, length)), List.of(density));
            assertEquals(6, tally.dirtyPages());
            assertEquals(2, density.dirtyPages(density.cells() - 1));
        }
        long base = 1L << 60;
        assertEquals(
                List.of(
                        new IovaRange(base, 4096),
                        new IovaRange(base + (1L << 43), 4096),
                        new IovaRange(base + (1L << 44) + 4096, 4096),
                        new IovaRange(base + (16 * GIB - 1) * 4096, 8192),
                        new IovaRange(base + (16 * GIB + 64 * 4096 - 1) * 4096, 4096)),
                ranges);
    }

    @Test
    void saysThatAFileWasTruncatedWhileItWasRead() throws Exception {
        Path path = Files.write(directory.resolve("shrinking"), new byte[1 << 20]);
        try (BitmapFile file = BitmapFile.open(path, 0, null, 4096)) {
            truncate(path, 0);
            InspectException truncated = assertThrows(
                    InspectException.class, () -> Inspector.read(file, 1, (iova, length, pages) -> {}, List.of()));
            assertEquals(3, truncated.exitCode());
            assertEquals(
                    "'" + path + "' could not be read to its end: it was truncated meanwhile, or its device failed",
                    truncated.getMessage());
        }
    }

    /** Where it is read by many threads, one of them finds out. */
    @Test
    void saysSoWhereverTheFileEnds() throws Exception {
        Path path = directory.resolve("shrinking");
        try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.setLength(64 << 20);
        }
        for (long left = 56L << 20; left > 0; left -= 16 << 20) {
            try (BitmapFile file = BitmapFile.open(path, 0, 64L << 35, 4096)) {
                truncate(path, left);
                InspectException truncated = assertThrows(
                        InspectException.class, () -> Inspector.read(file, 0, (iova, length, pages) -> {}, List.of()));
                assertEquals(3, truncated.exitCode());
            }
            try (RandomAccessFile sparse = new RandomAccessFile(path.toFile(), "rw")) {
                sparse.setLength(64 << 20);
            }
        }
    }

    /** The last page of what is left reads as zeros; that must not pass for clean. */
    @Test
    void saysSoTooWhenNoReadFails() throws Exception {
        Path path = Files.write(directory.resolve("shrinking"), new byte[16]);
        try (BitmapFile file = BitmapFile.open(path, 0, null, 4096)) {
            truncate(path, 8);
            assertEquals(
                    3,
                    assertThrows(
                                    InspectException.class,
                                    () -> Inspector.read(file, 1, (iova, length, pages) -> {}, List.of()))
                            .exitCode());
        }
    }

    private static void truncate(Path path, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }
}
