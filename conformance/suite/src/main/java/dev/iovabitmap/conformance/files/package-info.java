/** Files as they are written here, and as they may come from anybody. */
@NullMarked
package dev.iovabitmap.conformance.files;

import org.jspecify.annotations.NullMarked;
