package dev.iovabitmap.conformance.inspect;

import dev.iovabitmap.IovaBitmapLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A raw bitmap file, mapped read-only: whatever its size, it is paged in and out by the system, never loaded. */
final class BitmapFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final Arena arena;
    private final IovaBitmapLayout layout;
    private final long fileSize;
    private final MemorySegment words;

    private BitmapFile(Path path, FileChannel channel, Arena arena, IovaBitmapLayout layout, long fileSize)
            throws IOException {
        this.path = path;
        this.channel = channel;
        this.arena = arena;
        this.layout = layout;
        this.fileSize = fileSize;
        this.words = channel.map(FileChannel.MapMode.READ_ONLY, 0, layout.byteSize(), arena);
    }

    /**
     * Opens a file.
     *
     * @param length the length of the range; null: what the whole file covers
     */
    static BitmapFile open(Path path, long iova, @Nullable Long length, long pageSize) throws InspectException {
        requireRegular(path); // before it is opened: opening a pipe would wait for a writer
        FileChannel channel;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            long size = channel.size();
            IovaBitmapLayout layout = layout(path, size, iova, length, pageSize);
            BitmapFile file = new BitmapFile(path, channel, arena, layout, size);
            opened = true;
            return file;
        } catch (IOException e) {
            throw InspectException.failed(Show.quoted(path) + " cannot be mapped: " + Show.reason(e));
        } finally {
            if (!opened) {
                arena.close();
                closeQuietly(channel);
            }
        }
    }

    private static void requireRegular(Path path) throws InspectException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        if (attributes.isDirectory()) {
            throw InspectException.badInput(Show.quoted(path) + " is a directory, not a bitmap file");
        }
        if (!attributes.isRegularFile()) {
            throw InspectException.badInput(
                    Show.quoted(path) + " is a device, a pipe or another special file, not a bitmap file");
        }
    }

    private static InspectException unreadable(Path path, IOException why) {
        return InspectException.badInput(Show.quoted(path) + " cannot be read: " + Show.reason(why));
    }

    private static IovaBitmapLayout layout(Path path, long size, long iova, @Nullable Long length, long pageSize)
            throws InspectException {
        if (size == 0) {
            throw InspectException.badInput(Show.quoted(path) + " is empty");
        }
        IovaBitmapLayout layout;
        try {
            new IovaBitmapLayout(iova, 1, pageSize); // names a wrong page size before a length is made from it
            layout = new IovaBitmapLayout(iova, length != null ? length : covered(path, size, pageSize), pageSize);
        } catch (IllegalArgumentException e) {
            throw InspectException.badInput(String.valueOf(e.getMessage()));
        }
        if (size < layout.byteSize()) {
            throw InspectException.badInput(String.format(
                    "%s is too short: %s at %s a page need %d bytes, and it has %d",
                    Show.quoted(path), Show.size(layout.length()), Show.size(pageSize), layout.byteSize(), size));
        }
        return layout;
    }

    /** What all words of a file cover. */
    private static long covered(Path path, long size, long pageSize) throws InspectException {
        if (size % Long.BYTES != 0) {
            throw InspectException.badInput(
                    Show.quoted(path) + " has " + size
                            + " bytes, which is not a multiple of 8, the size of a word: say with --length what the bitmap covers");
        }
        int shift = Long.numberOfTrailingZeros(pageSize) + 3;
        if (shift >= Long.SIZE || size >>> (Long.SIZE - shift) != 0) {
            throw InspectException.badInput(
                    Show.quoted(path) + " has " + size + " bytes, which at " + Show.size(pageSize)
                            + " a page cover 2^64 bytes or more: say with --length what the bitmap covers");
        }
        return size << shift;
    }

    Path path() {
        return path;
    }

    IovaBitmapLayout layout() {
        return layout;
    }

    MemorySegment words() {
        return words;
    }

    long fileSize() {
        return fileSize;
    }

    /** How many bytes the file has behind the bitmap's words. */
    long bytesBehind() {
        return fileSize - layout.byteSize();
    }

    /** How many bits are set in the last word that stand for no page. */
    int strayBits() {
        int used = (int) (layout.bitCount() & (Long.SIZE - 1));
        if (used == 0) {
            return 0;
        }
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
        return Long.bitCount(words.get(word, layout.byteSize() - Long.BYTES) >>> used);
    }

    /**
     * Checks, after the words were read, that all of them were there: a file that was truncated meanwhile reads as zeros up
     * to the end of its last page.
     */
    void requireWhole() throws InspectException, IOException {
        if (channel.size() < layout.byteSize()) {
            throw truncated();
        }
    }

    /** What an InternalError means that the words throw when they are read. */
    InspectException truncated() {
        return InspectException.failed(
                Show.quoted(path) + " could not be read to its end: it was truncated meanwhile, or its device failed");
    }

    @Override
    public void close() throws IOException {
        arena.close();
        channel.close();
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // it was only read from, and a better reason is on its way
        }
    }
}
