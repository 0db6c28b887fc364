package dev.iovabitmap.conformance.cli;

/** The exit codes; where several subjects differ, the highest counts. */
final class ExitCode {
    static final int CERTIFIED = 0;
    static final int NOT_CERTIFIED = 1;
    static final int USAGE = 2;
    static final int HARNESS = 3;

    private ExitCode() {}
}
