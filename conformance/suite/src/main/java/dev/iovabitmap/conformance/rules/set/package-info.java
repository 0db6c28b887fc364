/** SET: marking ranges. */
@NullMarked
package dev.iovabitmap.conformance.rules.set;

import org.jspecify.annotations.NullMarked;
