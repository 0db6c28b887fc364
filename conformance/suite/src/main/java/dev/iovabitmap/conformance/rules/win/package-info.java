/** WIN: the windows that forEach visits. */
@NullMarked
package dev.iovabitmap.conformance.rules.win;

import org.jspecify.annotations.NullMarked;
