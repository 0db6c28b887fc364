package dev.iovabitmap.conformance.report;

import dev.iovabitmap.conformance.engine.Status;
import dev.iovabitmap.conformance.engine.TestCase;

/**
 * What became of a test, all invocations taken together.
 *
 * @param test the test
 * @param status its status
 * @param message why it is not PASS, as a person needs it; empty for PASS
 */
public record TestVerdict(TestCase test, Status status, String message) {}
