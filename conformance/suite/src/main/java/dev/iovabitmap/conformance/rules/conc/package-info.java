/** CONC: many threads that mark at once. */
@NullMarked
package dev.iovabitmap.conformance.rules.conc;

import org.jspecify.annotations.NullMarked;
