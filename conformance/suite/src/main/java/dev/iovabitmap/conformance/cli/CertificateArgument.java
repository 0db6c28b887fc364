package dev.iovabitmap.conformance.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The certificate that a command is about. */
final class CertificateArgument {
    @Parameters(paramLabel = "DIR", description = "The directory of one subject's report.")
    private String directory = "";

    Path path() {
        return NamedPath.directory(directory);
    }

    /** {@return it, as it was named} */
    @Override
    public String toString() {
        return directory;
    }
}
