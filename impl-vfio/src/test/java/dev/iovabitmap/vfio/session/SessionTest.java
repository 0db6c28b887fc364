package dev.iovabitmap.vfio.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.session.Device.Leaving;
import dev.iovabitmap.vfio.session.Unit.Access;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
    private static final long PAGE = 4096;

    /** Two bitmaps' worth of windows at 4 KiB. */
    private static final long WINDOW = 64L << 30;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ScriptedTransport, Device> devices = new HashMap<>();

    private static IovaRange pages(long first, long count) {
        return new IovaRange(first * PAGE, count * PAGE);
    }

    private Session start(ScriptedTransport transport, IovaRange... ranges) {
        return start(List.of(transport), ranges);
    }

    private Session start(List<ScriptedTransport> transports, IovaRange... ranges) {
        return start(Plan.ofDevices(transports.stream().map(this::device).toList()), ranges);
    }

    private Session start(Plan plan, IovaRange... ranges) {
        return Session.start(lock, plan, List.of(ranges), PAGE, 256);
    }

    /** A device with such a log, in no address space. */
    private Device device(ScriptedTransport log) {
        return devices.computeIfAbsent(log, missing -> {
            Device device = new Device("the device", log);
            device.join(null, false);
            return device;
        });
    }

    /** An address space that such a transport tracks, with mappings. */
    private static Space space(ScriptedTransport table, IovaRange... mappings) {
        Space space = new Space("the space", ranges -> null);
        space.hold();
        space.add(table);
        for (IovaRange mapping : mappings) {
            space.mapped(mapping, MemorySegment.NULL, Access.WRITABLE);
        }
        return space;
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

    /** A device that comes later may have larger pages than the ranges are aligned to: one page, two ranges, each its part. */
    @Test
    void keepsAPageThatTwoRangesShare() {
        ScriptedTransport fine = new ScriptedTransport(PAGE, pages(0, 64));
        ScriptedTransport coarse = new ScriptedTransport(1 << 16, new IovaRange(0, 1 << 18));
        Space space = space(new ScriptedTransport(PAGE));
        Device one = new Device("one", fine);
        Device two = new Device("two", coarse);
        one.join(space, false);
        try (Session session = start(Plan.ofDevices(List.of(one)), pages(1, 2), pages(5, 4))) {
            two.join(space, false);
            coarse.write(0);
            try (Reading first = new Reading(session, pages(1, 2));
                    Reading second = new Reading(session, pages(5, 4))) {
                assertEquals(List.of(pages(1, 2)), first.harvest());
                assertEquals(List.of(pages(5, 4)), second.harvest());
            }
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
        try (Session session = start(List.<ScriptedTransport>of(), pages(0, 20));
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
            assertEquals(List.of(pages(7, 13)), whole.harvest(), "the session before handed over a part only");
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

    /** No call tells what is written until the mapping is gone, so all of it is dirty, and stays so until it comes back. */
    @Test
    void marksAMappingThatGoesAndVouchesNoMore() {
        ScriptedTransport table = new ScriptedTransport(PAGE);
        Space space = space(table, pages(0, 8), pages(8, 8));
        try (Session session = start(Plan.ofSpaces(List.of(space)), pages(0, 16));
                Reading reading = new Reading(session, pages(0, 16))) {
            table.write(PAGE);
            space.unmapped(pages(8, 8), true);
            assertEquals(List.of(pages(1, 1), pages(8, 8)), reading.harvest());
            assertEquals(List.of(pages(8, 8)), reading.harvest());
            space.mapped(pages(8, 8), MemorySegment.NULL, Access.WRITABLE);
            table.write(10 * PAGE);
            assertEquals(List.of(pages(10, 1)), reading.harvest());
            space.unmapped(pages(8, 8), true);
            space.mapped(pages(8, 8), MemorySegment.NULL, Access.WRITABLE);
            assertEquals(List.of(pages(8, 8)), reading.harvest());
            assertEquals(List.of(), reading.harvest());
        }
    }

    @Test
    void neverAsksForWhatIsReadOnlyAndVouchesForIt() {
        ScriptedTransport table = new ScriptedTransport(PAGE);
        Space space = space(table, pages(0, 8));
        space.mapped(pages(8, 8), MemorySegment.NULL, Access.READ_ONLY);
        try (Session session = start(Plan.ofSpaces(List.of(space)), pages(0, 16));
                Reading reading = new Reading(session, pages(0, 16))) {
            assertEquals(List.of(), reading.harvest());
            assertEquals(List.of("start", "report " + pages(0, 8)), table.calls);
            space.unmapped(pages(8, 8), false);
            assertEquals(List.of(pages(8, 8)), reading.harvest());
            assertEquals(List.of(pages(8, 8)), reading.harvest());
        }
    }

    /** What is owed is owed by address: a session over others does not settle it. */
    @Test
    void owesByAddress() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 64));
        try (Session session = start(transport, pages(0, 8));
                Reading reading = new Reading(session, pages(0, 8))) {
            transport.failure = new IoctlException("REPORT", "of a test", Errno.EIO);
            assertThrows(IoctlException.class, reading::harvest);
            transport.failure = null;
        }
        try (Session session = start(transport, pages(32, 8));
                Reading reading = new Reading(session, pages(32, 8))) {
            assertEquals(List.of(), reading.harvest());
        }
        try (Session session = start(transport, pages(4, 16));
                Reading reading = new Reading(session, pages(4, 16))) {
            assertEquals(List.of(pages(4, 4)), reading.harvest());
            assertEquals(List.of(), reading.harvest());
        }
        try (Session session = start(transport, pages(0, 16));
                Reading reading = new Reading(session, pages(0, 16))) {
            assertEquals(List.of(pages(0, 4)), reading.harvest());
        }
    }

    /** Dirt that no bitmap of the session can ever take is not kept: a unit may be larger than the ranges. */
    @Test
    void keepsNoDirtOutsideOfItsRanges() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 64));
        try (Session session = start(transport, pages(4, 4), pages(20, 4));
                Reading reading = new Reading(session, pages(4, 4))) {
            List.of(1L, 5L, 10L, 21L, 63L).forEach(page -> transport.write(page * PAGE));
            assertEquals(List.of(pages(5, 1)), reading.harvest());
            assertEquals(1, session.pagesOnTheirWay());
        }
    }

    @Test
    void keepsTheDirtOfADeviceThatLeavesAndOfItAlone() {
        ScriptedTransport stays = new ScriptedTransport(PAGE, pages(0, 64));
        ScriptedTransport goes = new ScriptedTransport(PAGE, pages(0, 64));
        try (Session session = start(List.of(stays, goes), pages(0, 64));
                Reading reading = new Reading(session, pages(0, 64))) {
            stays.write(3 * PAGE);
            goes.write(5 * PAGE);
            device(goes).leave(Leaving.DETACHED);
            assertEquals(List.of("start", "report " + pages(0, 64), "stop"), goes.calls);
            assertEquals(List.of(pages(3, 1), pages(5, 1)), reading.harvest());
            device(stays).leave(Leaving.DETACHED);
            assertEquals(List.of(), reading.harvest(), "nobody can write any more");
        }
        assertEquals(List.of("start", "report " + pages(0, 64), "report " + pages(0, 64), "stop"), stays.calls);
    }

    /** What it writes between the end of its log and its own nobody knows. */
    @Test
    void marksEverythingOnceIfADeviceCanStillWriteWhenItsLogEnds() {
        ScriptedTransport stays = new ScriptedTransport(PAGE, pages(0, 64));
        ScriptedTransport goes = new ScriptedTransport(PAGE, pages(0, 64));
        try (Session session = start(List.of(stays, goes), pages(0, 64));
                Reading reading = new Reading(session, pages(0, 64))) {
            device(goes).leave(Leaving.ATTACHED);
            assertEquals(List.of("start", "stop"), goes.calls);
            assertEquals(List.of(pages(0, 64)), reading.harvest());
            assertEquals(List.of(), reading.harvest());
        }
    }

    /** A device that nothing tracks makes everything dirty while it is there, and once more for what it wrote last. */
    @Test
    void marksEverythingForAsLongAsAnUntrackedDeviceIsThere() {
        ScriptedTransport table = new ScriptedTransport(PAGE);
        Space space = space(table, pages(0, 8));
        ScriptedTransport none = new ScriptedTransport(PAGE);
        none.supported = false;
        Device mediated = new Device("the mediated device", none);
        try (Session session = start(Plan.ofSpaces(List.of(space)), pages(0, 8));
                Reading reading = new Reading(session, pages(0, 8))) {
            assertEquals(List.of(), reading.harvest());
            mediated.join(space, false);
            assertEquals("nothing", session.trackedBy());
            assertEquals("nothing", session.trackedBy(mediated));
            assertEquals(List.of(pages(0, 8)), reading.harvest());
            assertEquals(List.of(pages(0, 8)), reading.harvest());
            mediated.leave(Leaving.DETACHED);
            assertEquals("script", session.trackedBy());
            assertEquals(List.of(pages(0, 8)), reading.harvest());
            assertEquals(List.of(), reading.harvest());
        }
        mediated.join(space, false);
        assertEquals(
                List.of(mediated),
                List.copyOf(Plan.ofSpaces(List.of(space)).untracked().keySet()));
        assertEquals(
                List.of(mediated),
                List.copyOf(Plan.ofDevices(List.of(mediated)).untracked().keySet()));
    }

    /** A device whose log cannot be started does not come, so that nothing else changes. */
    @Test
    void refusesADeviceWhoseLogDoesNotStart() {
        ScriptedTransport first = new ScriptedTransport(PAGE, pages(0, 8));
        ScriptedTransport late = new ScriptedTransport(PAGE, pages(0, 8));
        late.failure = new IoctlException("START", "of a test", Errno.ENOMEM);
        Space space = space(new ScriptedTransport(PAGE), pages(0, 8));
        Device one = new Device("one", first);
        Device two = new Device("two", late);
        one.join(space, false);
        try (Session session = start(Plan.ofDevices(List.of(one)), pages(0, 8));
                Reading reading = new Reading(session, pages(0, 8))) {
            assertSame(late.failure, assertThrows(IoctlException.class, () -> two.join(space, false)));
            assertEquals("nothing", session.trackedBy(two));
            assertEquals(List.of(), reading.harvest());
            late.failure = null;
            two.join(space, false);
            assertEquals("log", session.trackedBy(two));
            late.write(PAGE);
            assertEquals(List.of(pages(1, 1)), reading.harvest());
        }
    }

    @Test
    void refusesASecondSessionAndWhatIsNotTracked() {
        ScriptedTransport transport = new ScriptedTransport(PAGE, pages(0, 8));
        try (Session session = start(transport, pages(0, 8))) {
            var refusal = assertThrows(IllegalStateException.class, () -> start(transport, pages(0, 8)));
            assertEquals("the device is tracked by a session that is open", refusal.getMessage());
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
}
