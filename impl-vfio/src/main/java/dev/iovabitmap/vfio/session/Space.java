package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaRange;
import dev.iovabitmap.vfio.session.Unit.Access;
import dev.iovabitmap.vfio.transport.MappingTransport;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An address space: what is mapped, which devices write to it, and what of it tracks: page tables, or the container. */
public final class Space extends Entry {
    private final Function<List<IovaRange>, @Nullable String> asked;
    private @Nullable String distrust;

    /** What is mapped. */
    public final Units mappings = new Units();

    /** What tracks, all of it or nothing. */
    private final List<MappingTransport> tables = new ArrayList<>();

    final Set<Device> devices = new LinkedHashSet<>();

    /** The sessions that hear of what joins and leaves. */
    final Set<Session> sessions = new LinkedHashSet<>();

    private int holders;

    /**
     * Creates an address space with nothing in it.
     *
     * @param name as a person reads it
     * @param asked asks the kernel why nothing tracks what is mapped; null if something does
     */
    public Space(String name, Function<List<IovaRange>, @Nullable String> asked) {
        super(name);
        this.asked = asked;
    }

    @Override
    public String kind() {
        return tables.getFirst().kind();
    }

    /** {@return the device that was opened here by a name, if it is still open} */
    public Optional<Device> deviceNamed(String name) {
        return devices.stream()
                .filter(device -> !device.isAdopted() && device.toString().equals(name))
                .findFirst();
    }

    boolean isHeld() {
        return holders > 0;
    }

    /** {@return why nothing here tracks, or null if something does} */
    public @Nullable String whyNot() {
        if (distrust != null) {
            return distrust;
        }
        return tables.isEmpty()
                ? "none of its page tables tracks"
                : asked.apply(mappings.all().stream().map(Unit::range).toList());
    }

    /** Lets nothing here count as tracked, for a reason, or again if the reason is null. */
    public void distrust(@Nullable String why) {
        distrust = why;
    }

    /** {@return what tracks} */
    public List<MappingTransport> tables() {
        return List.copyOf(tables);
    }

    /** Adds a page table that tracks. Its tracking starts at once if that of the others has. */
    public void add(MappingTransport table) {
        Session tracking = session;
        if (tracking != null) {
            tracking.start(this, table);
        }
        tables.add(table);
    }

    /** Removes a page table that nothing is attached to. */
    public void remove(MappingTransport table) {
        tables.remove(table);
        if (session != null) {
            session.drop(table);
        }
    }

    /** Takes note of somebody who uses it. */
    public void hold() {
        holders++;
    }

    /**
     * Takes note that somebody uses it no more.
     *
     * @throws IllegalStateException if nobody else does, and a session tracks here or a device is open
     */
    public void release() {
        if (holders == 1) {
            if (session != null) {
                throw new IllegalStateException(this + " is tracked by a session that is open: close that first");
            }
            if (!devices.isEmpty()) {
                throw new IllegalStateException(devices.iterator().next() + " can still write to " + this
                        + ", whose memory so stays mapped: close it first");
            }
            mappings.clear();
        }
        holders--;
    }

    /** Takes note of what was mapped. */
    public void mapped(IovaRange range, MemorySegment memory, Access access) {
        mappings.put(new Unit(range, memory, access));
    }

    /**
     * Takes note that nobody vouches for a mapping any more: whether it is gone or may be, what was written there since the
     * last report, or is written until it is gone, no call tells.
     */
    public void unmapped(IovaRange range, boolean gone) {
        if (gone) {
            mappings.remove(range);
        } else {
            mappings.within(range).forEach(unit -> mapped(range, unit.memory(), Access.UNCERTAIN));
        }
        if (session != null) {
            session.owe(range);
        }
    }
}
