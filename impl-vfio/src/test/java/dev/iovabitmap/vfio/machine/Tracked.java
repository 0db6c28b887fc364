package dev.iovabitmap.vfio.machine;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.VfioTracker;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What is known of a session from outside: who may write to its memory, and what was written and not yet handed over. */
final class Tracked {
    final VfioTracker api;
    final String by;

    /** All that has tracked a device of it. */
    private final Set<String> transports = new LinkedHashSet<>();

    /** The numbers of the devices that it was started with, as long as they are open, by whatever descriptor. */
    final Set<Integer> devices = new LinkedHashSet<>();

    final Set<Key> keys = new LinkedHashSet<>();
    final BitSet ranges = new BitSet(Pages.COUNT);

    /** By device: what has to be in the next harvest that covers it. */
    final Map<Integer, BitSet> pending = new HashMap<>();

    /** What a failed session of the same devices or spaces owes, and has to be as well. */
    final BitSet owed = new BitSet(Pages.COUNT);

    /** What of it was marked in part: the rest has to be in a harvest that covers the page whole. */
    final BitSet owedInPart = new BitSet(Pages.COUNT);

    /** What was written, in what the device or the IOMMU has one bit for, until all of that is handed over. */
    final BitSet written = new BitSet(Pages.COUNT);

    /** Devices of which a call failed when they came, or whose log another session had: nothing tracks them until they go. */
    final Set<Integer> failedToJoin = new HashSet<>();

    /** What of it was written while the last harvest ran. */
    final BitSet writtenMeanwhile = new BitSet(Pages.COUNT);

    final Map<Cause, BitSet> allowed = new HashMap<>();

    /** A call failed of which nobody but the session knows whether it may have cleared something. */
    boolean maybeBroken;

    boolean broken;

    private int granulePages = 1;

    Tracked(VfioTracker api) {
        this.api = api;
        this.by = api.trackedBy();
        refresh();
        for (IovaRange range : api.ranges()) {
            ranges.or(Pages.of(range.iova(), range.length()));
        }
    }

    /** Takes note of what has joined: a device may have come with its own log, or with a page table. */
    void refresh() {
        granulePages();
        for (String part : api.trackedBy().split(" and ")) {
            if (!part.equals("nothing")) {
                transports.add(part);
            }
        }
    }

    /** Whether nothing is reported that was not written: logs of devices and page tables are exact, type1 is not. */
    boolean isExact() {
        return !by.equals("nothing") && !transports.contains("type1");
    }

    boolean isBy(String transport) {
        return transports.contains(transport);
    }

    /** The coarsest page of a report so far: dirt of such pages is on its way also when the device has gone. */
    int granulePages() {
        long now = Math.min(api.grantedPageSize() / Pages.SIZE, Pages.COUNT);
        granulePages = (int) Math.max(granulePages, now);
        return granulePages;
    }

    BitSet allowed(Cause cause) {
        return allowed.computeIfAbsent(cause, c -> new BitSet(Pages.COUNT));
    }

    BitSet pending() {
        BitSet all = (BitSet) owed.clone();
        pending.values().forEach(all::or);
        return all;
    }
}
