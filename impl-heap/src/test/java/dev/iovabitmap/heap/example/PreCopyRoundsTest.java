package dev.iovabitmap.heap.example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.heap.example.PreCopyRounds.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs the example against a machine whose memory, writes and time are known, and the page that shows it. */
class PreCopyRoundsTest {
    private static final int PAGES = 4096;
    private static final long PAGE_SIZE = 4096;
    private static final IovaBitmapLayout LAYOUT = new IovaBitmapLayout(1L << 32, PAGES * PAGE_SIZE, PAGE_SIZE);

    /** A thousand pages are sent in a second of this machine's own time, and so many are written meanwhile. */
    private static final class Machine implements PreCopyRounds.Destination {
        final int[] memory = new int[PAGES];
        final int[] copy = new int[PAGES];
        final PreCopyRounds rounds;
        final int writtenPerSent;
        final int sentPerWritten;
        boolean running = true;
        long nanos;
        long sent;
        long failAt = Long.MAX_VALUE;
        int cursor;

        Machine(int writtenPerSent, int sentPerWritten, Duration maxDowntime) {
            this.writtenPerSent = writtenPerSent;
            this.sentPerWritten = sentPerWritten;
            rounds = new PreCopyRounds(LAYOUT, 1000.0 * PAGE_SIZE, maxDowntime, () -> nanos);
        }

        @Override
        public void copy(long iova, long length) {
            int first = Math.toIntExact((iova - LAYOUT.iova()) / PAGE_SIZE);
            for (int page = first; page < first + length / PAGE_SIZE; page++) {
                if (sent++ == failAt) {
                    throw new UncheckedIOException(new IOException("the connection is gone"));
                }
                copy[page] = memory[page];
                nanos += 1_000_000;
                if (running && sent % sentPerWritten == 0) {
                    for (int i = 0; i < writtenPerSent; i++) {
                        cursor = (cursor + 1) % PAGES;
                        memory[cursor]++;
                        rounds.marks().set(LAYOUT.iova() + cursor * PAGE_SIZE + 17, 1);
                    }
                }
            }
        }

        void stopAndSend() {
            running = false;
            rounds.send(this);
            assertArrayEquals(memory, copy);
        }
    }

    /** A quarter of what is sent is written meanwhile: 4096 pages, 1024, 256, 64, 16, which is 16 ms. */
    @Test
    void whatIsForecastIsWhatComes() {
        Machine machine = new Machine(1, 4, Duration.ofMillis(20));
        List<Progress> shown = new ArrayList<>();
        assertTrue(machine.rounds.run(machine, 30, shown::add));
        assertEquals(
                List.of(4096L, 1024L, 256L, 64L, 16L),
                shown.stream().map(Progress::pagesLeft).toList());
        // before the first round no time has passed, and nothing can be said
        assertEquals(
                Stream.of(-1L, 3L, 2L, 1L, 0L).toList(),
                shown.stream().map(progress -> progress.roundsToGo().orElse(-1)).toList());
        shown.stream()
                .skip(1)
                .forEach(progress -> assertEquals(250.0, progress.rate().pagesPerSecond(), 1e-9));
        assertEquals(Duration.ofMillis(16), shown.getLast().downtime());
        long stopped = machine.nanos;
        machine.stopAndSend();
        assertEquals(shown.getLast().downtime(), Duration.ofNanos(machine.nanos - stopped));
    }

    /** The guest writes two pages for each that is sent. */
    @Test
    void aGuestThatIsTooFastDoesNotConverge() {
        Machine machine = new Machine(2, 1, Duration.ofMillis(20));
        List<Progress> shown = new ArrayList<>();
        assertFalse(machine.rounds.run(machine, 5, shown::add));
        assertTrue(shown.stream().allMatch(progress -> progress.roundsToGo().equals(OptionalLong.empty())));
        machine.stopAndSend();
    }

    /** Wherever the connection breaks, what was not sent is dirty still. */
    @Test
    void aRoundThatFailsIsGivenBack() {
        for (long failAt = 0; failAt < PAGES + 600; failAt += 37) {
            Machine machine = new Machine(1, 4, Duration.ofMillis(20));
            machine.failAt = failAt;
            assertThrows(UncheckedIOException.class, () -> machine.rounds.run(machine, 30, progress -> {}));
            machine.failAt = Long.MAX_VALUE;
            assertTrue(machine.rounds.run(machine, 30, progress -> {}));
            machine.stopAndSend();
        }
    }

    @Test
    void isWhatTheDocumentationShows() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        String source = Files.readString(
                root.resolve("impl-heap/src/test/java/dev/iovabitmap/heap/example/PreCopyRounds.java"));
        String shown = source.substring(source.indexOf("    /**\n     * Sends rounds until"), source.lastIndexOf("}"))
                .stripTrailing()
                .stripIndent();
        assertTrue(
                Files.readString(root.resolve("docs/dirty-rate.md"))
                        .contains("<!-- PreCopyRounds.java -->\n```java\n" + shown + "\n```\n<!-- end -->"),
                () -> "docs/dirty-rate.md has to show:\n" + shown);
    }
}
