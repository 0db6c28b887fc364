package dev.iovabitmap.conformance.inspect;

/** Why a file could not be inspected, in one sentence for the person who asked. */
public final class InspectException extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int BAD_INPUT = 2;
    private static final int TOOL_FAILED = 3;

    private final int exitCode;

    private InspectException(int exitCode, String sentence) {
        super(sentence);
        this.exitCode = exitCode;
    }

    /** What was asked for cannot be done, and would not work the next time either. */
    static InspectException badInput(String sentence) {
        return new InspectException(BAD_INPUT, sentence);
    }

    /** What was asked for is in order, but something got in the way. */
    static InspectException failed(String sentence) {
        return new InspectException(TOOL_FAILED, sentence);
    }

    /** {@return the exit code of the command line} */
    public int exitCode() {
        return exitCode;
    }
}
