package dev.iovabitmap.vfio.session;

import dev.iovabitmap.vfio.transport.LogTransport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open device: its own log, and where its writes go. */
public final class Device extends Entry {
    /** How a device goes. */
    public enum Leaving {
        /** It could never write. */
        NEVER_ATTACHED,
        /** It can write no more. */
        DETACHED,
        /** It can write until it is closed, after its log has ended. */
        ATTACHED
    }

    private final LogTransport log;
    private Space space;
    private boolean translated;
    private int holders;

    /**
     * Creates a device that is in no address space yet.
     *
     * @param name as a person reads it
     * @param log its log, which it may not have
     */
    public Device(String name, LogTransport log) {
        super(name);
        this.log = log;
        this.space = new Space("no address space", mappings -> null);
    }

    /** {@return whether a session tracks with its log, and nobody else holds it} */
    public boolean losesItsLog() {
        return session != null && holders == 1;
    }

    /** {@return its log, which it may not have} */
    public LogTransport log() {
        return log;
    }

    @Override
    public String kind() {
        return "log";
    }

    /** {@return the address space that it writes to} */
    public Space space() {
        return space;
    }

    /** What tracks its writes at the moment if the address space does. */
    boolean isTranslated() {
        return translated;
    }

    /**
     * Takes note that the device is about to be able to write to an address space, before it is. It joins the sessions that
     * run there.
     *
     * @param target the address space; null if it is not to be known
     * @param behindWhatTracks whether its writes go through something of the address space that tracks, if anything there does
     */
    public void join(@Nullable Space target, boolean behindWhatTracks) {
        Space into = target == null ? space : target;
        if (holders > 0 && into != space && space.isHeld()) {
            throw new IllegalArgumentException(this + " is in " + space + " already");
        }
        boolean through = target == null ? translated : behindWhatTracks;
        boolean comes = holders == 0 || into != space || through != translated;
        holders++;
        space.devices.remove(this);
        space.sessions.forEach(session -> session.involve(into));
        space = into;
        translated = through;
        space.devices.add(this);
        if (comes) {
            try {
                List.copyOf(space.sessions).forEach(session -> session.join(this));
            } catch (Throwable e) {
                leave(Leaving.NEVER_ATTACHED);
                throw e;
            }
        }
    }

    /**
     * Takes note that the device goes, and takes its dirt into the sessions that track it.
     *
     * @param how whether it can still write until it is closed
     */
    public void leave(Leaving how) {
        holders--;
        if (holders == 0) {
            space.devices.remove(this);
            translated = false;
            Failures.all(space.sessions, session -> session.leave(this, how));
        }
    }
}
