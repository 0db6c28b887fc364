package dev.iovabitmap.conformance.cli;

import dev.iovabitmap.conformance.report.Origin;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The command that replays a test, as this command line was called. */
record ReplayCommand(List<String> subject) implements UnaryOperator<String> {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

    @Override
    public String apply(String token) {
        List<String> words = new ArrayList<>(subject);
        words.addFirst("certify");
        words.add("--replay");
        words.add(token);
        return command() + words.stream().map(ReplayCommand::quote).collect(Collectors.joining(" ", " ", ""));
    }

    /** The launcher says what it was called; without it, this JVM was started by hand. */
    private static String command() {
        String launcher = System.getProperty("iova-bitmap.command");
        if (launcher != null) {
            return quote(launcher);
        }
        String path = System.getProperty("java.class.path", "");
        Path jar = Origin.pathOf(Main.class);
        if (jar != null && !path.contains(File.pathSeparator) && path.endsWith(".jar")) {
            return java() + " -jar " + quote(path);
        }
        return java() + " -cp " + quote(path) + " " + Main.class.getName();
    }

    /** This JVM's own: the one on the path may be too old. */
    private static String java() {
        return quote(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    }

    private static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
