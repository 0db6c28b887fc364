/** BIT: which bit stands for an address, where it is in memory, and that no other changes. */
@NullMarked
package dev.iovabitmap.conformance.rules.bit;

import org.jspecify.annotations.NullMarked;
