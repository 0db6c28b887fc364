package dev.iovabitmap.ffm;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Runs each operation on a mapped file that has lost its memory, and prints what came of it. In a JVM of its own: if one of them
 * crashed, this one would be gone, and an InternalError that comes late would surface elsewhere.
 */
final class LostFile {
    /** Eight pages of the file. */
    static final IovaBitmapLayout LAYOUT = new IovaBitmapLayout(0, 8L * 4096 * 8 * 4096, 4096);

    /** The same pages seen by another layout, so that merging marks them one by one. */
    private static final IovaBitmapLayout COARSE = new IovaBitmapLayout(0, LAYOUT.length(), 8192);

    private static boolean isCut;

    private interface Operation {
        void on(MemorySegment words);
    }

    private LostFile() {}

    /** {@return the operations by their names; each touches the last page of the words} */
    static Map<String, Operation> operations() {
        long last = LAYOUT.lastIova();
        long half = LAYOUT.length() / 2;
        Map<String, Operation> all = new LinkedHashMap<>();
        all.put("set", words -> FfmIovaBitmap.over(LAYOUT, words).set(half, half));
        all.put("set one page", words -> FfmIovaBitmap.over(LAYOUT, words).set(last, 1));
        all.put("setClipped", words -> FfmIovaBitmap.over(LAYOUT, words).setClipped(half, -1));
        all.put(
                "concurrent set",
                words -> FfmIovaBitmap.concurrentOver(LAYOUT, words).set(half, half));
        all.put("set in forEach", words -> {
            IovaBitmap bitmap = FfmIovaBitmap.over(LAYOUT, words);
            bitmap.forEach(null, (self, iova, length, nothing) -> self.set(iova, length));
        });
        all.put("isDirty", words -> DirtyPages.isDirty(LAYOUT, words, last));
        all.put("nextDirty", words -> DirtyPages.nextDirty(LAYOUT, words, half));
        all.put("nextClean", words -> DirtyPages.nextClean(LAYOUT, words, last));
        all.put("count", words -> DirtyPages.count(LAYOUT, words));
        all.put("count of a part", words -> DirtyPages.count(LAYOUT, words, half, half));
        all.put("forEachRange", words -> DirtyPages.forEachRange(LAYOUT, words, (iova, length) -> {}));
        all.put("forEachRange of a part", words -> DirtyPages.forEachRange(LAYOUT, words, half, half, (i, l) -> {}));
        all.put("drain", words -> DirtyPages.drain(LAYOUT, words, (iova, length) -> {}));
        all.put("drain of a part", words -> DirtyPages.drain(LAYOUT, words, half, half, (iova, length) -> {}));
        all.put("clear", words -> DirtyPages.clear(LAYOUT, words));
        all.put("clear of a part", words -> DirtyPages.clear(LAYOUT, words, half, half));
        all.put("merge from", words -> DirtyPages.merge(LAYOUT, words, LAYOUT, dirty()));
        all.put("merge into", words -> DirtyPages.merge(LAYOUT, dirty(), LAYOUT, words));
        all.put("merge from, other pages", words -> DirtyPages.merge(LAYOUT, words, COARSE, dirty()));
        all.put("merge into, other pages", words -> DirtyPages.merge(COARSE, dirty(), LAYOUT, words));
        all.put("take from", words -> DirtyPages.take(LAYOUT, words, dirty()));
        all.put("take into", words -> {
            MemorySegment from = dirty();
            try {
                DirtyPages.take(LAYOUT, from, words);
            } finally {
                requireNoneLost(from, words);
            }
        });
        return all;
    }

    /** Each bit that was to be moved is on one of the two sides, as far as those have memory. */
    private static void requireNoneLost(MemorySegment from, MemorySegment words) {
        long there = isCut ? LAYOUT.wordCount() / 2 : LAYOUT.wordCount();
        for (long index = 0; index < LAYOUT.wordCount(); index++) {
            long moved = index < there ? words.getAtIndex(ValueLayout.JAVA_LONG, index) : 0;
            if ((moved | from.getAtIndex(ValueLayout.JAVA_LONG, index)) != -1) {
                System.out.println("take into: LOST, word " + index + " of " + LAYOUT.wordCount());
                return;
            }
        }
    }

    private static MemorySegment dirty() {
        MemorySegment words = MemorySegment.ofArray(new long[Math.toIntExact(LAYOUT.wordCount())]);
        words.fill((byte) -1);
        return words;
    }

    /**
     * Runs all.
     *
     * @param arguments a directory for the files; {@code cut} to cut them in half, {@code full} if their disk is; and how often
     *     to do it before
     */
    public static void main(String[] arguments) throws IOException {
        for (Map.Entry<String, Operation> operation : operations().entrySet()) {
            Path file = Path.of(arguments[0], "words");
            int warming = Integer.parseInt(arguments[2]);
            try (FileChannel channel = FileChannel.open(
                            file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment words = channel.map(MapMode.READ_WRITE, 0, LAYOUT.byteSize(), arena);
                isCut = false;
                String came = "nothing";
                try {
                    for (int i = 0; i < warming; i++) {
                        operation.getValue().on(words);
                    }
                    if (arguments[1].equals("cut")) {
                        channel.truncate(LAYOUT.byteSize() / 2);
                        isCut = true;
                    }
                    operation.getValue().on(words);
                    Thread.yield(); // an error that compiled code has not looked for yet comes here at the latest
                } catch (InternalError e) {
                    came = "InternalError";
                }
                System.out.println(operation.getKey() + ": " + came);
            } finally {
                Files.deleteIfExists(file);
            }
        }
        System.out.println("the JVM is alive");
    }
}
