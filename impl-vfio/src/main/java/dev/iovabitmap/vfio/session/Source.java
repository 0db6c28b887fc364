package dev.iovabitmap.vfio.session;

import dev.iovabitmap.vfio.sys.Caller;
import dev.iovabitmap.vfio.transport.Transport;
import java.util.function.Function;

/**
 * What a session tracks with.
 *
 * @param state what is remembered of it beyond the session
 * @param transport makes the transport, for the session's caller
 */
public record Source(SourceState state, Function<Caller, Transport> transport) {}
