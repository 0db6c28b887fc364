/** The catalogue of rules; one package below for each group of rules with the tests that verify them. */
@NullMarked
package dev.iovabitmap.conformance.rules;

import org.jspecify.annotations.NullMarked;
