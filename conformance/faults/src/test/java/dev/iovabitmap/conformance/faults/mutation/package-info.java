/** Mutation testing: the backends, with a bug put into each place in turn, judged by the suite; and what may survive that. */
@NullMarked
package dev.iovabitmap.conformance.faults.mutation;

import org.jspecify.annotations.NullMarked;
