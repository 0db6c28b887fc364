package dev.iovabitmap.conformance.subject;

/** A harness cannot do what a test needs, so the test says nothing about the provider: it is not run, and has not passed. */
public final class NotOffered extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotOffered(String what) {
        super(what);
    }

    /** {@return the end of a test, with a sentence why} */
    public static NotOffered because(String what) {
        return new NotOffered(what);
    }
}
