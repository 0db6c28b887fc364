package dev.iovabitmap.vfio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.DirtyPages;
import dev.iovabitmap.IovaBitmap;
import dev.iovabitmap.IovaBitmapLayout;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.error.IoctlException;
import dev.iovabitmap.vfio.sim.CallFailure;
import dev.iovabitmap.vfio.sim.Held;
import dev.iovabitmap.vfio.sim.KernelVersion;
import dev.iovabitmap.vfio.sim.SimulatedKernel;
import dev.iovabitmap.vfio.uapi.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A session in which every call fails in turn, with every error number, before and after its work. Whatever fails: every
 * page that was written is dirty, nothing is left behind, and the exception says what failed.
 */
class FaultMatrixTest {
    private static final long PAGE = 4096;

    /** What the calls are known to give, and some that they are not. */
    private static final List<Integer> ERRNOS = List.of(
            Errno.EPERM,
            Errno.ENOENT,
            Errno.EINTR,
            Errno.EIO,
            Errno.E2BIG,
            Errno.EBADF,
            Errno.EAGAIN,
            Errno.ENOMEM,
            Errno.EACCES,
            Errno.EFAULT,
            Errno.EBUSY,
            Errno.EEXIST,
            Errno.ENODEV,
            Errno.EINVAL,
            Errno.EMFILE,
            Errno.ENOTTY,
            Errno.ENOSPC,
            Errno.EOVERFLOW,
            Errno.EMSGSIZE,
            Errno.EOPNOTSUPP,
            Errno.ENOTCONN);

    private static final List<IovaRange> MEMORY = List.of(
            new IovaRange(1 << 24, 300 * PAGE), new IovaRange(1 << 26, 70 * PAGE), new IovaRange(1 << 27, PAGE));

    @ParameterizedTest
    @CsvSource({
        "LOG, V6_1, false", "LOG, V6_1, true", "LOG, V6_12, false", "LOG, V6_12, true",
        "TYPE1, V6_1, false", "TYPE1, V6_1, true", "TYPE1, V6_12, false", "TYPE1, V6_12, true",
        "IOMMUFD, V6_12, false", "IOMMUFD, V6_12, true"
    })
    void losesNothingAndLeavesNothing(
            SimulatedTransport transport, KernelVersion version, boolean afterwards, TestReporter reporter) {
        Story undisturbed = new Story(transport, version);
        undisturbed.kernel.startRecording();
        undisturbed.tell();
        List<String> calls = undisturbed.kernel.stopRecording();
        assertEquals(List.of(), undisturbed.failures);
        assertTrue(undisturbed.tracked);

        for (int call = 0; call < calls.size(); call++) {
            for (int errno : ERRNOS) {
                Story story = new Story(transport, version);
                story.kernel.fail(new CallFailure(name -> true, call, 1, errno, afterwards));
                try {
                    story.tell();
                    story.check(errno);
                } catch (Throwable e) {
                    throw new AssertionError(
                            calls.get(call) + ", call " + call + ", failed with " + Errno.name(errno), e);
                }
            }
        }
        reporter.publishEntry("failures", calls.size() + " calls x " + ERRNOS.size() + " error numbers");
    }

    /** Opens, tracks, reports, peeks, unmaps, and closes; goes on after what fails as far as there is something to go on with. */
    private static final class Story {
        final SimulatedTransport transport;
        final SimulatedKernel kernel;
        final List<RuntimeException> failures = new ArrayList<>();
        final Set<Long> written = new TreeSet<>();
        final Set<Long> dirty = new TreeSet<>();
        final Deque<AutoCloseable> open = new ArrayDeque<>();
        boolean tracked;

        Story(SimulatedTransport transport, KernelVersion version) {
            this.transport = transport;
            SimulatedKernel.Builder builder = SimulatedKernel.builder(version);
            if (transport == SimulatedTransport.TYPE1) {
                builder.emulatedIommu(0);
            }
            this.kernel = builder.build();
        }

        void tell() {
            try (Arena arena = Arena.ofShared()) {
                attempt(() -> openAndTrack(arena));
                while (!open.isEmpty()) {
                    AutoCloseable next = open.pop();
                    attempt(next::close);
                }
            }
        }

        private void openAndTrack(Arena arena) {
            Vfio vfio = Vfio.of(kernel);
            AddressSpace space;
            VfioDevice device;
            if (transport == SimulatedTransport.IOMMUFD) {
                IommufdSpace iommufd = opened(vfio.openAddressSpace());
                space = iommufd;
                device = opened(iommufd.openDevice(Path.of("/dev/vfio/devices/vfio0")));
            } else {
                Type1Container container = opened(vfio.openContainer(List.of(Path.of("/dev/vfio/0"))));
                space = container;
                device = opened(container.openDevice(kernel.deviceName(0)));
            }
            for (IovaRange range : MEMORY) {
                space.map(range.iova(), arena.allocate(range.length(), PAGE));
            }
            VfioTracker tracker = opened(
                    transport == SimulatedTransport.LOG
                            ? vfio.track(List.of(device), MEMORY, PAGE)
                            : vfio.trackMappings(Set.of(space), MEMORY, PAGE));
            tracked = true;
            report(tracker, space, arena);
        }

        private void report(VfioTracker tracker, AddressSpace space, Arena arena) {
            IovaRange first = MEMORY.getFirst();
            write(
                    first.iova() + 7 * PAGE,
                    first.iova() + 200 * PAGE,
                    MEMORY.get(1).iova(),
                    MEMORY.get(2).iova());
            forEach(tracker, new IovaRange(first.iova(), 100 * PAGE), arena, false);
            write(first.iova() + 8 * PAGE);
            forEach(tracker, first, arena, true);
            forEach(tracker, first, arena, false);
            write(first.iova() + 9 * PAGE, MEMORY.get(1).iova() + 69 * PAGE);
            attempt(() -> space.unmap(MEMORY.get(1)));
            write(first.iova() + 10 * PAGE);
            MEMORY.forEach(range -> forEach(tracker, range, arena, false));
        }

        private <C extends AutoCloseable> C opened(C resource) {
            open.push(resource);
            return resource;
        }

        private void write(long... pages) {
            for (long iova : pages) {
                kernel.deviceWrites(0, iova, 1);
                written.add(iova);
            }
        }

        private void forEach(VfioTracker tracker, IovaRange range, Arena arena, boolean peek) {
            IovaBitmapLayout layout = new IovaBitmapLayout(range.iova(), range.length(), PAGE);
            MemorySegment data = arena.allocate(layout.byteSize(), 8);
            IovaBitmap bitmap = peek
                    ? tracker.peek(range.iova(), range.length(), PAGE, data)
                    : tracker.allocate(range.iova(), range.length(), PAGE, data);
            attempt(() -> bitmap.forEach(null, (it, iova, length, nothing) -> {}));
            bitmap.close();
            DirtyPages.forEachRange(layout, data, (iova, length) -> {
                for (long page = iova; page != iova + length; page += PAGE) {
                    dirty.add(page);
                }
            });
        }

        private interface Step {
            void run() throws Exception;
        }

        private void attempt(Step step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                failures.add(e);
            } catch (Exception e) {
                throw new AssertionError("a checked exception", e);
            }
        }

        void check(int errno) {
            assertEquals(Held.NOTHING, kernel.held());
            if (tracked) {
                Set<Long> lost = new TreeSet<>(written);
                lost.removeAll(dirty);
                assertEquals(Set.of(), lost, "pages that were written and are not dirty");
            }
            for (RuntimeException failure : failures) {
                Throwable reason = failure instanceof IllegalStateException ? failure.getCause() : failure;
                if (reason instanceof IoctlException ioctl) {
                    assertEquals(errno, ioctl.errno());
                    assertFalse(ioctl.call().isBlank());
                    assertFalse(ioctl.arguments().isBlank());
                } else {
                    // what the kernel's answer to a question means, not a failure of the call
                    assertTrue(
                            String.valueOf(failure.getMessage()).endsWith("cannot track dirty pages"),
                            failure::toString);
                }
            }
        }
    }
}
