/** The command line. */
@NullMarked
package dev.iovabitmap.conformance.cli;

import org.jspecify.annotations.NullMarked;
