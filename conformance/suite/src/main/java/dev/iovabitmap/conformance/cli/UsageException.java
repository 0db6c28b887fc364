package dev.iovabitmap.conformance.cli;

/** What was asked for makes no sense; the message is one sentence that names the wrong value. Exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }
}
