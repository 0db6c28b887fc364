package dev.iovabitmap.vfio.session;

import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.transport.Transport;
import java.util.function.Function;

/**
 * What a session tracks with.
 *
 * @param state what is remembered of it beyond the session
 * @param owner the device or the address space that it belongs to, whose mappings come and go
 * @param transport makes the transport, for the session's caller
 */
public record Source(SourceState state, Object owner, Function<Caller, Transport> transport) {}
