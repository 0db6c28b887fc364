/** What goes wrong beside the kernel's history: a class for each group of rules, in the order of the specification. */
@NullMarked
package dev.iovabitmap.conformance.faults.rules;

import org.jspecify.annotations.NullMarked;
