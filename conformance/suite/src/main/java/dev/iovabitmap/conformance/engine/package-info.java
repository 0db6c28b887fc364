/** Runs the tests on a provider, in this JVM or in a child, and collects what they found. */
@NullMarked
package dev.iovabitmap.conformance.engine;

import org.jspecify.annotations.NullMarked;
