package dev.iovabitmap.conformance.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the tests made of one fault, a line each, written as it comes. A line is a word, a test and a remark with tabs between
 * them. So whatever ends the JVM that runs them, what was found is kept, and another JVM goes on behind it.
 */
final class TrialLog {
    private static final String STARTED = "started";
    private static final String FAILED = "failed";
    private static final String PASSED = "passed";
    private static final String LOST = "lost";
    private static final String DONE = "done";
    private static final Set<String> ENDS = Set.of(FAILED, PASSED, LOST);

    private final Path file;

    TrialLog(Path file) {
        this.file = file;
    }

    void started(String test) throws IOException {
        add(STARTED, test, "");
    }

    void failed(String test) throws IOException {
        add(FAILED, test, "");
    }

    /** It passed, or could not judge. */
    void passed(String test, String remark) throws IOException {
        add(PASSED, test, remark);
    }

    /** It never came to its end. */
    void lost(String test, String how) throws IOException {
        add(LOST, test, how);
    }

    /** All tests have run. */
    void done() throws IOException {
        add(DONE, "", "");
    }

    private void add(String what, String test, String remark) throws IOException {
        Files.writeString(
                file,
                what + "\t" + test + "\t" + remark.replaceAll("\\s+", " ") + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    boolean isDone() throws IOException {
        return lines().stream().anyMatch(line -> line[0].equals(DONE));
    }

    /** {@return the day of the last line} */
    LocalDate day() throws IOException {
        return LocalDate.ofInstant(Files.getLastModifiedTime(file).toInstant(), ZoneOffset.UTC);
    }

    /** {@return the tests that need not run again} */
    Set<String> ended() throws IOException {
        Set<String> ended = new TreeSet<>();
        for (String[] line : lines()) {
            if (ENDS.contains(line[0])) {
                ended.add(line[1]);
            }
        }
        return ended;
    }

    /** {@return the last test that began and did not end, or an empty string} */
    String open() throws IOException {
        Set<String> ended = ended();
        String open = "";
        for (String[] line : lines()) {
            if (line[0].equals(STARTED) && !ended.contains(line[1])) {
                open = line[1];
            }
        }
        return open;
    }

    /** {@return the tests that failed} */
    Set<String> failed() throws IOException {
        Set<String> failed = new TreeSet<>();
        for (String[] line : lines()) {
            if (line[0].equals(FAILED)) {
                failed.add(line[1]);
            }
        }
        return failed;
    }

    /** {@return the tests that never came to their end, by how} */
    Map<String, Set<String>> lost() throws IOException {
        Map<String, Set<String>> lost = new LinkedHashMap<>();
        for (String[] line : lines()) {
            if (line[0].equals(LOST)) {
                lost.computeIfAbsent(line[2], how -> new TreeSet<>()).add(line[1]);
            }
        }
        return lost;
    }

    private List<String[]> lines() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        return Files.readAllLines(file).stream()
                .map(line -> line.split("\t", -1))
                .filter(line -> line.length == 3) // the last may be half of one
                .toList();
    }
}
