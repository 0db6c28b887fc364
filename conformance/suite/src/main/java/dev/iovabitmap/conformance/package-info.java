/** What a vendor touches: the class to extend, and the annotation that ties a test to its rules. */
@NullMarked
package dev.iovabitmap.conformance;

import org.jspecify.annotations.NullMarked;
