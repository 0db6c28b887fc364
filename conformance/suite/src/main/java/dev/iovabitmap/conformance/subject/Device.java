package dev.iovabitmap.conformance.subject;

import dev.iovabitmap.DirtyTracker;
import dev.iovabitmap.IovaRange;
import dev.iovabitmap.conformance.subject.Addresses.Stretch;
import dev.iovabitmap.spi.HardwareHarness;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The device of the provider under test next to a model: the addresses that it wrote and that no bitmap has been told of. What
 * the harness cannot do ends a test as {@link NotOffered}.
 */
public final class Device implements AutoCloseable {
    private static final int SHOWN_OPERATIONS = 24;

    /** What is asked for where a test does not care; the device may grant another. */
    public static final long PAGE = 4096;

    private final String variant;
    private final HardwareHarness harness;
    private final Random random = new Random(Subject.seed());
    private final List<String> operations = new ArrayList<>();

    /** The model. Empty while nothing is tracked. */
    private final Addresses unreported = new Addresses();

    /** What a session whose reports failed left, and no bitmap has covered since. */
    private final Addresses owed = new Addresses();

    private @Nullable Tracking tracking;
    private List<IovaRange> lastTracked = List.of();
    private boolean broken;
    private boolean interleaving;

    private Device(String variant, HardwareHarness harness) {
        this.variant = variant;
        this.harness = harness;
    }

    /** {@return the device, or a variant of it, which the test closes} */
    public static Device open(String variant) {
        Map<String, String> options = Subject.hardware().optionsOf(variant);
        HardwareHarness harness = Subject.provider()
                .hardware(options)
                .orElseThrow(
                        () -> new AssertionError("hardware(" + options + ") gave no harness, though it did before"));
        return new Device(variant, harness);
    }

    /** {@return the ranges that can be tracked, ascending} */
    public List<IovaRange> trackable() {
        List<IovaRange> ranges = unfailing("trackable", harness::trackable).stream()
                .sorted(Comparator.comparing(IovaRange::iova, U64::compare))
                .toList();
        if (ranges.isEmpty()) {
            throw failure("trackable() is empty", null);
        }
        return ranges;
    }

    /** {@return the longest range that can be tracked} */
    public IovaRange longest() {
        return trackable().stream()
                .max(Comparator.comparing(IovaRange::length, U64::compare))
                .orElseThrow();
    }

    /** {@return a session over all that can be tracked} */
    public Tracking track() {
        return track(trackable(), PAGE);
    }

    /** {@return a session over ranges, each within a trackable one} */
    public Tracking track(List<IovaRange> ranges, long pageSize) {
        return track(harness, ranges, pageSize);
    }

    /** {@return a session by this harness or by one of the same device} */
    public Tracking track(HardwareHarness through, List<IovaRange> ranges, long pageSize) {
        log("track(" + Rig.show(ranges) + ", " + U64.show(pageSize) + ")");
        return started(unfailing("track", () -> through.track(ranges, pageSize)), ranges);
    }

    /** {@return a session over all that can be tracked, or nothing if it was refused} */
    public Optional<Tracking> trackUnlessRefused() {
        List<IovaRange> ranges = trackable();
        log("track(" + Rig.show(ranges) + ", " + U64.show(PAGE) + ")");
        DirtyTracker tracker;
        try {
            tracker = harness.track(ranges, PAGE);
        } catch (RuntimeException refused) {
            log("refused: " + refused.getMessage());
            return Optional.empty();
        }
        return Optional.of(started(tracker, ranges));
    }

    private Tracking started(DirtyTracker tracker, List<IovaRange> ranges) {
        Tracking started = new Tracking(this, tracker);
        started.requireCovered(ranges);
        tracking = started;
        if (broken) { // nobody knows what went by while reports failed
            lastTracked.forEach(range -> owed.add(Addresses.stretch(range.iova(), range.length())));
            broken = false;
        }
        lastTracked = started.ranges();
        unreported.clear();
        for (IovaRange range : lastTracked) {
            owed.within(Addresses.stretch(range.iova(), range.length())).forEach(unreported::add);
        }
        return started;
    }

    /** Makes the device write. */
    public void write(long iova, long length) {
        log("write(" + U64.show(iova) + ", " + U64.show(length) + ")");
        unfailing("write", () -> {
            harness.write(iova, length);
            return true;
        });
        wrote(iova, length);
    }

    /** Notes a write, which has to be reported if the writer is tracked. */
    void wrote(long iova, long length) {
        if (tracking != null) {
            unreported.add(Addresses.stretch(iova, length));
        }
    }

    /** Makes the device write at some places of a range, at its ends more often. */
    public void writeSome(IovaRange range, int count) {
        for (int i = 0; i < count; i++) {
            long length = U64.min(range.length(), 1 + random.nextLong(random.nextBoolean() ? 3 * PAGE : 64));
            long room = range.length() - length;
            long at = switch (random.nextInt(6)) {
                case 0 -> 0;
                case 1 -> room;
                default -> U64.below(random, room);
            };
            write(range.iova() + at, length);
        }
    }

    /** {@return whether a report holds no page that was not written} */
    public boolean isExact() {
        return harness.isExact();
    }

    /** Goes on only if a report holds no page that was not written. */
    public void requireExact() {
        if (!isExact()) {
            throw new NotOffered("the harness says that reports may hold pages that were not written");
        }
    }

    /**
     * Makes the next report fail. A simulated kernel can always be told to, so there a harness that cannot breaks the rule that
     * nothing else can show.
     */
    public void failNextReport() {
        log("failNextReport()");
        if (!harness.failNextReport()) {
            if ("simulated".equals(Subject.hardware().options().get("tier"))) {
                throw failure(
                        "failNextReport() is false, but a simulated kernel has to be able to fail a report", null);
            }
            throw new NotOffered("the harness cannot make a report fail");
        }
        broken = true;
    }

    /** Takes the mapping of a trackable range away. */
    public void unmap(IovaRange range) {
        offered("unmap", range, harness::unmap, "the harness cannot take a mapping away while it is tracked");
    }

    /** The owner of the address space takes the mapping of a trackable range away. */
    public void unmapAsOwner(IovaRange range) {
        offered(
                "unmapAsOwner",
                range,
                harness::unmapAsOwner,
                "the harness has no owner of the address space who unmaps beside the session");
    }

    /** Maps a range again that was taken away. */
    public void map(IovaRange range) {
        offered("map", range, harness::map, "the harness cannot map a range again while it is tracked");
    }

    private void offered(String call, IovaRange range, Predicate<IovaRange> action, String otherwise) {
        log(call + "(" + range + ")");
        if (!unfailing(call, () -> action.test(range))) {
            throw new NotOffered(otherwise);
        }
    }

    /** {@return the kinds of other devices that can be beside this one, at least one} */
    public List<String> neighbours() {
        List<String> names = unfailing("neighbours", harness::neighbours);
        if (names.isEmpty()) {
            throw new NotOffered("the harness has no other device to put beside the first");
        }
        return names;
    }

    /** {@return another device beside this one, which the test closes; nothing if the backend refuses it} */
    public Optional<Neighbour> plug(String name) {
        log("plug(" + name + ")");
        try {
            return Optional.of(new Neighbour(this, name, harness.plug(name)));
        } catch (RuntimeException refused) {
            log("refused: " + refused.getMessage());
            return Optional.empty();
        }
    }

    /** {@return harnesses of the same device, at least one, which the test closes} */
    public List<HardwareHarness> duplicates() {
        log("duplicates()");
        List<HardwareHarness> all = unfailing("duplicates", harness::duplicates);
        if (all.isEmpty()) {
            throw new NotOffered("the harness cannot reach the device through another object");
        }
        return all;
    }

    /** Does something, and before each call that the backend makes meanwhile something else. */
    public void interleaved(Runnable action, Runnable beforeEachCall) {
        Runnable guarded = () -> {
            if (!interleaving) {
                interleaving = true;
                beforeEachCall.run();
                interleaving = false;
            }
        };
        if (!harness.beforeEachCall(guarded)) {
            throw new NotOffered("the harness cannot do anything between two calls of the backend");
        }
        try {
            action.run();
        } finally {
            harness.beforeEachCall(() -> {});
        }
    }

    /** {@return what the kernel holds for this process} */
    public Map<String, Long> held() {
        Map<String, Long> held = harness.held();
        if (held.isEmpty()) {
            throw new NotOffered("the harness does not tell what the kernel holds");
        }
        return new TreeMap<>(held); // messages show it, and only a sorted map has the same order in each JVM
    }

    /** {@return the harness, for what goes by the model} */
    public HardwareHarness harness() {
        return harness;
    }

    /** {@return the choices of the test; they follow from the seed} */
    public Random random() {
        return random;
    }

    /** {@return what was written in a stretch and not reported} */
    List<Stretch> unreported(Stretch where) {
        return unreported.within(where);
    }

    /** What a bitmap has been told. */
    void reported(Stretch where) {
        unreported.remove(where);
        owed.remove(where);
    }

    /** The session has ended, and what the device writes is nobody's business. */
    void stopped(Tracking ended) {
        log("close the session");
        if (tracking == ended) {
            tracking = null;
        }
    }

    void log(String operation) {
        Steps.count();
        operations.add(operation);
    }

    <T> T unfailing(String call, Supplier<T> action) {
        try {
            return action.get();
        } catch (NotOffered | AssertionError ours) {
            throw ours;
        } catch (Throwable thrown) {
            throw failure(call + " threw " + thrown, thrown);
        }
    }

    /** {@return a failure with what led to it} */
    public AssertionError failure(String what, @Nullable Throwable cause) {
        return new AssertionError(what + "\n" + this, cause);
    }

    @Override
    public void close() {
        harness.close();
    }

    @Override
    public String toString() {
        int hidden = Math.max(0, operations.size() - SHOWN_OPERATIONS);
        return "device: " + new TreeMap<>(Subject.hardware().options()) + ", variant " + variant + "\noperations: "
                + (hidden > 0 ? hidden + " more, then " : "")
                + String.join("; ", operations.subList(hidden, operations.size()));
    }
}
