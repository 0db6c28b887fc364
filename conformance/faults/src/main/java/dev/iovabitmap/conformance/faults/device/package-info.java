/** A device at tier simulated, its sessions and what can be wrong with them. */
@NullMarked
package dev.iovabitmap.conformance.faults.device;

import org.jspecify.annotations.NullMarked;
