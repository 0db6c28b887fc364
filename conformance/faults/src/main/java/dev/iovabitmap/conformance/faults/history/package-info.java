/**
 * The bugs of the kernel's implementation, re-enacted: B1 to B15 were fixed, R1 to R4 are open. B5, a missing include, and B16,
 * a redesign, are no bugs of behaviour.
 */
@NullMarked
package dev.iovabitmap.conformance.faults.history;

import org.jspecify.annotations.NullMarked;
