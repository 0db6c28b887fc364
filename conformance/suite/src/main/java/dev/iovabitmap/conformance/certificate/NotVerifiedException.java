package dev.iovabitmap.conformance.certificate;

import dev.iovabitmap.conformance.engine.Printable;

/** A certificate is not what it says; the message is one sentence. */
public final class NotVerifiedException extends Exception {
    private static final long serialVersionUID = 1;

    NotVerifiedException(String sentence) {
        super(Printable.brief(sentence));
    }

    NotVerifiedException(String sentence, Throwable cause) {
        super(Printable.brief(sentence), cause);
    }
}
