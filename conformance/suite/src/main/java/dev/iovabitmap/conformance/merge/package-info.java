/** Many certificates on one page. */
@NullMarked
package dev.iovabitmap.conformance.merge;

import org.jspecify.annotations.NullMarked;
