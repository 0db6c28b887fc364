package dev.iovabitmap.vfio.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.IoctlException;
import dev.iovabitmap.vfio.sys.CallMemory;
import dev.iovabitmap.vfio.sys.Host;
import dev.iovabitmap.vfio.sys.OpenFiles;
import dev.iovabitmap.vfio.sys.Syscalls;
import dev.iovabitmap.vfio.uapi.Errno;
import dev.iovabitmap.vfio.uapi.Ioctl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
    private static final long PAGE = 4096;

    /** Two bitmaps' worth of windows at 4 KiB. */
    private static final long WINDOW = 64L << 30;

    private final SourceState state = new SourceState("the source");
    private final Object owner = new Object();

    private static IovaRange pages(long first, long count) {
        return new IovaRange(first * PAGE, count * PAGE);
    }

    private Session start(ScriptedTransport transport, IovaRange... ranges) {
        return start(List.of(transport), ranges);
    }

    private Session start(List<ScriptedTransport> transports, IovaRange... ranges) {
        List<Source> sources = transports.stream()
                .map(transport ->
                        new Source(transports.size() == 1 ? state : new SourceState("one"), owner, c -> transport))
                .toList();
        return Session.start(NoSyscalls.INSTANCE, sources, List.of(ranges), PAGE, 256);
    }

    private static final class Reading implements AutoCloseable {
        final IovaBitmapLayout layout;
        final MemorySegment data;
        final IovaBitmap bitmap;

        Reading(Session session, IovaRange range, long pageSize, boolean peeking) {
            layout = new IovaBitmapLayout(range.iova(), range.length(), pageSize);
            data = Arena.ofAuto().allocate(layout.byteSize(), PAGE);
            bitmap = session.allocate(layout, data, peeking);
        }

        Reading(Session session, IovaRange range) {
            this(session, range, PAGE, false);
        }

        List<IovaRange> harvest() {
            bitmap.forEach(null, (it, iova, length, nothing) -> {});
            return dirty();
        }

        List<IovaRange> dirty() {
            List<IovaRange> ranges = new ArrayList<>();
            DirtyPages.drain(layout, data, (iova, length) -> ranges.add(new IovaRange(iova, length)));
            return ranges;
        }

        @Override
        public void close() {
            bitmap.close();
        }
    }

    @Test
    void asksForAUnitOnceHoweverManyWindowsItHas() {
        IovaRange range = new IovaRange(0, 3 * WINDOW);
        ScriptedTransport transport = new ScriptedTransport(PAGE, range);
        try (Session session = start(transport, range);
                Reading reading = new Reading(session, range)) {
            transport.write(WINDOW + PAGE);
            assertEquals(List.of(new IovaRange(WINDOW + PAGE, PAGE)), reading.harvest());
            assertEquals(List.of(), reading.harvest());
        }
        assertEquals(List.of("start", "report " + range, "report " + range, "stop"), transport.calls);
    }

    @Test
    void handsOverBeforeTheCallbackOfTheWindow() {
        IovaRange range = new IovaRange(0, 2 * WINDOW);
        ScriptedTransport transport =
                new ScriptedTransport(PAGE, new IovaRange(0, WINDOW), new IovaRange(WINDOW, WINDOW));
        try (Session session = start(transport, range);
                Reading reading = new Reading(session, range)) {
            transport.write(0);
            transport.write(WINDOW);
            List<Long> counts = new ArrayList<>();
            reading.bitmap.forEach(
                    null, (it, iova, length, nothing) -> counts.add(DirtyPages.count(reading.layout, reading.data)));
            assertEquals(List.of(1L, 2L), counts);
        }
    }

    @Test
    void keepsWhatABitmapDoesNotCover() {
        IovaRange range = pages(0, 200);
        ScriptedTransport transport = new ScriptedTransport(PAGE, range);
        try (Session session = start(transport, range);
                Reading low = new Reading(session, pages(3, 70));
                Reading high = new Reading(session, pages(73, 127))) {
            List.of(2L, 3L, 72L, 73L, 199L).forEach(page -> transport.write(page * PAGE));
            assertEquals(List.of(pages(3, 1), pages(72, 1)), low.harvest());
            assertEquals(List.of(pages(73, 1), pages(199, 1)), high.harvest());
            try (Reading whole = new Reading(session, range)) {
                assertEquals(List.of(pages(2, 1)), whole.harvest());
            }
        }
    }

    @Test
    void keepsAPageOfWhichABitmapCoversAPart() {
        IovaRange range = new IovaRange(0, 1 << 20);
        ScriptedTransport transport = new ScriptedTransport(1 << 16, range);
        try (Session session = start(transport, range);
                Reading cut = new Reading(session, new IovaRange(0x18000, 0x10000));
                Reading whole = new Reading(session, range)) {
            transport.write(0x10000);
            transport.write(0x20000);
            assertEquals(List.of(new IovaRange(0x18000, 0x10000)), cut.harvest());
            assertEquals(List.of(new IovaRange(0x10000, 0x20000)), whole.harvest());
            assertEquals(List.of(), cut.harvest());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 512, 4096, 1 << 13, 1 << 21, 1L << 40})
    void handsOverAtAnyPageSizeAndBase(long pageSize) {
        IovaRange range = pages(16, 1000);
        ScriptedTransport transport = new ScriptedTransport(PAGE, range);
        IovaRange covered = new IovaRange(16 * PAGE + 77, 900 * PAGE);
        try (Session session = start(transport, range);
                Reading reading = new Reading(session, covered, pageSize, false)) {
            transport.write(500 * PAGE);
            List<IovaRange> dirty = reading.harvest();
            assertTrue(
                    dirty.size() == 1 && dirty.getFirst().contains(pages(500, 1)),
                    () -> "at " + pageSize + ": " + dirty);
        }
    }

    @Test
    void neverLooksAtWhatIsWrittenBehindTheBits() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 10), pages(10, 10));
        transport.strayBits = 50_000;
        try (Session session = start(transport, pages(0, 20));
                Reading reading = new Reading(session, pages(0, 20))) {
            assertEquals(List.of(), reading.harvest());
        }
    }

    @Test
    void marksWhatNoTransportReports() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 10), pages(12, 2));
        try (Session session = start(transport, pages(0, 20));
                Reading reading = new Reading(session, pages(0, 20))) {
            assertEquals(List.of(pages(10, 2), pages(14, 6)), reading.harvest());
            assertEquals(List.of(pages(10, 2), pages(14, 6)), reading.harvest());
        }
        try (Session session = start(List.of(), pages(0, 20));
                Reading reading = new Reading(session, pages(3, 4))) {
            assertEquals(List.of(pages(3, 4)), reading.harvest());
        }
    }

    @Test
    void feedsOneBitmapFromSeveralTransports() {
        ScriptedTransport fine = new ScriptedTransport(PAGE, pages(0, 64));
        ScriptedTransport coarse = new ScriptedTransport(16 * PAGE, pages(0, 64));
        try (Session session = start(List.of(fine, coarse), pages(0, 64));
                Reading reading = new Reading(session, pages(0, 64))) {
            assertEquals(16 * PAGE, session.grantedPageSize(PAGE));
            fine.write(PAGE);
            coarse.write(40 * PAGE);
            assertEquals(List.of(pages(1, 1), pages(32, 16)), reading.harvest());
        }
        assertEquals(fine.calls, coarse.calls);
    }

    @Test
    void marksEverythingOnceAReportFailedAndSoDoesTheNextSessionOnce() {
        IovaRange range = pages(0, 20);
        ScriptedTransport transport = new ScriptedTransport(PAGE, range);
        IoctlException failure = new IoctlException("REPORT", "of a test", Errno.EIO);
        try (Session session = start(transport, range);
                Reading one = new Reading(session, pages(0, 7));
                Reading other = new Reading(session, pages(7, 13))) {
            transport.failure = failure;
            assertSame(failure, assertThrows(IoctlException.class, one::harvest));
            assertEquals(List.of(pages(0, 7)), one.dirty());
            transport.failure = null;
            for (Reading reading : List.of(one, other, one)) {
                assertSame(
                        failure,
                        assertThrows(IllegalStateException.class, reading::harvest)
                                .getCause());
            }
            assertEquals(List.of(pages(0, 7)), one.dirty());
            assertEquals(List.of(pages(7, 13)), other.dirty());
        }
        try (Session session = start(transport, range);
                Reading part = new Reading(session, pages(0, 7))) {
            assertEquals(List.of(pages(0, 7)), part.harvest());
            assertEquals(List.of(), part.harvest());
        }
        try (Session session = start(transport, range);
                Reading whole = new Reading(session, range)) {
            assertEquals(List.of(range), whole.harvest(), "the session before handed over a part only");
        }
        try (Session session = start(transport, range);
                Reading whole = new Reading(session, range)) {
            assertEquals(List.of(), whole.harvest());
        }
    }

    @Test
    void keepsEverythingWhenTheCallersArenaIsClosed() {
        IovaRange range = pages(0, 20);
        ScriptedTransport transport = new ScriptedTransport(PAGE, range);
        try (Session session = start(transport, range);
                Reading whole = new Reading(session, range)) {
            Arena arena = Arena.ofShared();
            IovaBitmap bitmap = session.allocate(new IovaBitmapLayout(0, 20 * PAGE, PAGE), arena.allocate(8, 8), false);
            transport.write(PAGE);
            arena.close();
            assertThrows(IllegalStateException.class, () -> bitmap.forEach(null, (it, iova, length, nothing) -> {}));
            assertEquals(List.of(pages(1, 1)), whole.harvest());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void peekingTakesNothing(boolean nativePeek) {
        IovaRange range = pages(0, 20);
        ScriptedTransport transport = new ScriptedTransport(PAGE, range);
        transport.peeks = nativePeek;
        try (Session session = start(transport, range);
                Reading peek = new Reading(session, range, PAGE, true);
                Reading taking = new Reading(session, range)) {
            transport.write(5 * PAGE);
            assertEquals(List.of(pages(5, 1)), peek.harvest());
            assertEquals(List.of(pages(5, 1)), peek.harvest());
            assertEquals(List.of(pages(5, 1)), taking.harvest());
            assertEquals(List.of(), peek.harvest());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takesTheDirtOfAMappingBeforeItGoesAndVouchesNoMore(boolean atOnce) {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 8), pages(8, 8));
        transport.mappings = true;
        transport.unmaps = atOnce;
        try (Session session = start(transport, pages(0, 16));
                Reading reading = new Reading(session, pages(0, 16))) {
            transport.write(PAGE);
            transport.write(9 * PAGE);
            List<String> unmapped = new ArrayList<>();
            session.unmap(owner, pages(8, 8), () -> unmapped.add("unmapped"));
            assertEquals(atOnce ? 0 : 1, unmapped.size());
            assertEquals(List.of("start", "report " + pages(8, 8)), transport.calls);
            assertEquals(List.of(pages(1, 1), pages(8, 8)), reading.harvest());
            session.mapped(owner, pages(8, 8));
            transport.write(10 * PAGE);
            assertEquals(List.of(pages(10, 1)), reading.harvest());
        }
    }

    @Test
    void refusesASecondSessionAndWhatIsNotTracked() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 8));
        try (Session session = start(transport, pages(0, 8))) {
            var refusal = assertThrows(IllegalStateException.class, () -> start(transport, pages(0, 8)));
            assertEquals("the source is tracked by a session that is open", refusal.getMessage());
            assertThrows(IllegalArgumentException.class, () -> new Reading(session, pages(0, 9)));
            assertThrows(IllegalArgumentException.class, () -> new Reading(session, pages(-1, 1)));
        }
        assertEquals(List.of("start", "stop"), transport.calls);
    }

    @Test
    void stopsWhatWasStartedWhenALaterStartFails() {
        ScriptedTransport first = new ScriptedTransport(PAGE, pages(0, 8));
        ScriptedTransport second = new ScriptedTransport(PAGE, pages(0, 8));
        second.failure = new IoctlException("START", "of a test", Errno.ENOMEM);
        assertSame(
                second.failure, assertThrows(IoctlException.class, () -> start(List.of(first, second), pages(0, 8))));
        assertEquals(List.of("start", "stop"), first.calls);
        assertEquals(List.of("start"), second.calls);
    }

    @Test
    void releasesTheSourceWhenStoppingFails() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 8));
        Session session = start(transport, pages(0, 8));
        transport.failure = new IoctlException("STOP", "of a test", Errno.EIO);
        assertSame(transport.failure, assertThrows(IoctlException.class, session::close));
        session.close();
        transport.failure = null;
        start(transport, pages(0, 8)).close();
    }

    @Test
    void aClosedSessionMarksEverythingAndThrows() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 8));
        Session session = start(transport, pages(0, 8));
        Reading reading = new Reading(session, pages(0, 8));
        session.close();
        assertThrows(IllegalStateException.class, reading::harvest);
        assertEquals(List.of(pages(0, 8)), reading.dirty());
        assertThrows(IllegalStateException.class, () -> new Reading(session, pages(0, 8)));
    }

    /** The session itself makes no call. */
    private enum NoSyscalls implements Syscalls {
        INSTANCE;

        @Override
        public int open(String path) {
            throw new AssertionError(path);
        }

        @Override
        public boolean sameFile(int fd, int other) {
            return fd == other;
        }

        @Override
        public OpenFiles files() {
            return new OpenFiles(this);
        }

        @Override
        public Host host() {
            return new Host("", false);
        }

        @Override
        public int close(int fd) {
            throw new AssertionError(fd);
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, MemorySegment struct, MemorySegment pointedTo) {
            throw new AssertionError(request);
        }

        @Override
        public int ioctl(CallMemory memory, int fd, Ioctl request, long value) {
            throw new AssertionError(request);
        }
    }
}
