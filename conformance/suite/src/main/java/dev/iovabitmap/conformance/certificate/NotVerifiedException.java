package dev.iovabitmap.conformance.certificate;

/** A certificate is not what it says; the message is one sentence. */
public final class NotVerifiedException extends Exception {
    private static final long serialVersionUID = 1;

    NotVerifiedException(String sentence) {
        super(sentence);
    }

    NotVerifiedException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
