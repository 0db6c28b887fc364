package dev.iovabitmap.conformance.report;

/** The word on a provider. */
public enum Verdict {
    /** Every MUST that applies holds. */
    CERTIFIED,
    /** A MUST fails, and a waiver accepts that for a time; everything else holds. */
    CERTIFIED_WITH_WAIVERS,
    /** A MUST fails or could not be judged. */
    NOT_CERTIFIED
}
