/** The provider under test as the tests see it, and the naive model that it is held against. */
@NullMarked
package dev.iovabitmap.conformance.subject;

import org.jspecify.annotations.NullMarked;
