package dev.iovabitmap.spi;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import java.util.List;
import java.util.Map;

/**
 * How the conformance suite drives a device: it tracks, and it makes the device write. What a harness cannot do it leaves at
 * the default; the tests that need it are then not supported, and a rule of which no other test is left is not supported
 * either. Neither ever counts as passed.
 *
 * <p>The suite opens one harness after the other, uses each from one thread at a time and closes it. A harness of its own may be
 * asked for before each test, so that opening one should be cheap.
 */
public interface HardwareHarness extends AutoCloseable {
    /** Another device, which can write wherever the first one can for as long as it is there. */
    interface Neighbour extends AutoCloseable {
        /**
         * Tells whether something tracks what it writes, a log of its own or what tracks its mappings. If nothing does, sessions
         * are to refuse to start beside it, or to report everything as dirty.
         *
         * @return whether reports are as exact with it as {@link HardwareHarness#isExact} says
         */
        boolean isTracked();

        /**
         * Makes it write. Returns when the writes are done.
         *
         * @param iova the first address, unsigned, in a range of {@link HardwareHarness#trackable}
         * @param length the length in bytes, unsigned
         */
        void write(long iova, long length);

        /** Takes it away, as unplugging does. It writes no more. */
        @Override
        void close();
    }

    /** {@return the ranges that can be tracked; the suite draws its addresses from here} */
    List<IovaRange> trackable();

    /**
     * Starts tracking.
     *
     * @param ranges what to track
     * @param pageSize the page size to ask for in bytes, a power of two; the device may grant another
     * @return the session, which the caller closes
     */
    DirtyTracker track(List<IovaRange> ranges, long pageSize);

    /**
     * Makes the device write. Returns when the writes are done.
     *
     * @param iova the first address, unsigned
     * @param length the length in bytes, unsigned
     */
    void write(long iova, long length);

    /**
     * Tells whether a report holds no page that was not written. True of device logging and IOMMUFD with a simulated kernel or
     * a mock device; hardware may report more.
     *
     * @return whether whole pages of the granted size are dirty if and only if they were written
     */
    default boolean isExact() {
        return false;
    }

    /**
     * Names other devices or kernels that this harness can be instead, such as one with a misbehaviour of real drivers. The
     * suite opens one with the option {@code variant}, and holds all to the same rules.
     *
     * @return the names: up to 80 printable characters of ASCII each, without blanks
     */
    default List<String> variants() {
        return List.of();
    }

    /**
     * Arranges that the next report of the device fails, once, whichever session asks for it. A simulated kernel can always do
     * so; at tier {@code simulated} a harness that cannot fails the suite.
     *
     * @return whether that could be arranged
     */
    default boolean failNextReport() {
        return false;
    }

    /**
     * Takes the mapping of a trackable range away while it is tracked, as unplugging memory does, through the session that is
     * open. What the device wrote there before is then told by the next bitmap that covers it, of those that were allocated
     * before; a bitmap that covers the range is never clean there again.
     *
     * @param range one of {@link #trackable}
     * @return whether that could be done
     */
    default boolean unmap(IovaRange range) {
        return false;
    }

    /**
     * Takes the mapping of a trackable range away as {@link #unmap} does, but not through the session: the owner of the address
     * space, such as a virtual machine monitor that lent it, unmaps by itself. Before that the harness informs the backend
     * as its contract demands.
     *
     * @param range one of {@link #trackable}
     * @return whether that could be done
     */
    default boolean unmapAsOwner(IovaRange range) {
        return false;
    }

    /**
     * Maps a range again that {@link #unmap} or {@link #unmapAsOwner} has taken away, whoever did, as plugging memory in does.
     * What the device writes there from then on is tracked as before.
     *
     * @param range what was taken away
     * @return whether that could be done
     */
    default boolean map(IovaRange range) {
        return false;
    }

    /**
     * Names kinds of other devices that {@link #plug} can put beside the first: such as one like it, one behind an IOMMU of its
     * own, or one that nothing tracks.
     *
     * @return the names
     */
    default List<String> neighbours() {
        return List.of();
    }

    /**
     * Puts another device beside the first, as hot-plugging does: before a session starts, or while one runs. The suite takes it
     * away before it closes this harness.
     *
     * @param name one of {@link #neighbours}
     * @return the device, which can write at once
     * @throws RuntimeException if the backend refuses, so that there is no device that could write
     */
    default Neighbour plug(String name) {
        throw new UnsupportedOperationException("there is no neighbour '" + name + "'");
    }

    /**
     * Opens harnesses of the same device in the same address space, each through another object of the backend, as two parts of
     * one program may have: such as one by the same descriptors, and one by duplicates of them. Of these the suite uses
     * {@link #track}; it closes them before this one.
     *
     * @return the harnesses; empty if there can be only one object
     */
    default List<HardwareHarness> duplicates() {
        return List.of();
    }

    /**
     * Has something done before each call that the backend makes to the kernel from now on, such as the device writing, in the
     * thread that calls. A simulated kernel, or a layer above a real one, can do so.
     *
     * @param action what is done; it makes no such call itself
     * @return whether that could be arranged
     */
    default boolean beforeEachCall(Runnable action) {
        return false;
    }

    /**
     * Counts what the kernel holds for this process, such as {@code descriptors}, {@code mappings} and {@code sessions}, so that
     * a leak shows. The {@code sessions} are those that track at the moment: after each the suite expects as many as before the
     * first, while the others may grow once.
     *
     * @return the counts by name; empty if they cannot be told
     */
    default Map<String, Long> held() {
        return Map.of();
    }

    @Override
    void close();
}
