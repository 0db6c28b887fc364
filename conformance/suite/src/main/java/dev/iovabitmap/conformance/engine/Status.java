package dev.iovabitmap.conformance.engine;

/** What became of a test or a rule. */
public enum Status {
    /** It holds. */
    PASS,
    /** The provider broke it. */
    FAIL,
    /** It could not be judged. */
    ERROR,
    /** The provider lacks the feature that it speaks of, or its harness cannot do what is needed to see it. */
    NOT_SUPPORTED,
    /** It fails, and a waiver says why that is accepted. */
    WAIVED,
    /** Nothing was tried. */
    NOT_RUN
}
