package dev.iovabitmap.conformance.cli;

/** The command line itself failed, which says nothing about a provider. Exit code 3. */
final class HarnessException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HarnessException(String message, Throwable cause) {
        super(message, cause);
    }
}
