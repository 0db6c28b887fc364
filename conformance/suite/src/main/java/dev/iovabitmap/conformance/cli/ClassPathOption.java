package dev.iovabitmap.conformance.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the commands that ask backends look for them. */
final class ClassPathOption {
    @Option(
            names = "--class-path",
            paramLabel = "PATH",
            description = "Jars and directories where backends are looked for before those that are there.")
    private String classPath = "";

    /** {@return the whole class path of a child JVM} */
    List<Path> path() {
        return ClassPath.with(classPath);
    }

    /** {@return the words that say the same again} */
    List<String> again() {
        return classPath.isEmpty() ? List.of() : List.of("--class-path", classPath);
    }
}
