package dev.iovabitmap.vfio.session;

import dev.iovabitmap.IovaRange;
import java.lang.foreign.MemorySegment;

/**
 * What is asked for as a whole: a mapping, or a part of what a device logs.
 *
 * @param range its addresses
 * @param memory what is mapped there, held so that what an automatic arena owns stays allocated while a device can reach it;
 *     {@link MemorySegment#NULL} if somebody else mapped it, or nothing is
 * @param access what devices can do there, as far as is known
 */
public record Unit(IovaRange range, MemorySegment memory, Access access) {
    /** What devices can do with the memory. */
    public enum Access {
        /** They write, and what tracks is asked. */
        WRITABLE,
        /** They cannot write: it is never dirty. */
        READ_ONLY,
        /** A call failed that may have unmapped it: nobody can vouch for it. */
        UNCERTAIN
    }
}
