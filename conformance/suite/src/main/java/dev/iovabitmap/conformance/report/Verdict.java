package dev.iovabitmap.conformance.report;

/** The word on a provider. */
public enum Verdict {
    CERTIFIED,
    NOT_CERTIFIED
}
