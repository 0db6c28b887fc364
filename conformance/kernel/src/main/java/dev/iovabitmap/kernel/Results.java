package dev.iovabitmap.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a run found, line by line: a word for the kind, and what follows it, with tabs between. */
final class Results {
    private final List<String> lines = new ArrayList<>();
    private boolean failed;

    /** A number of things that were tried, all of them right. */
    void count(String what, long count) {
        add("count", what, String.valueOf(count));
    }

    /** Something that is not as it has to be. */
    void fail(String what) {
        failed = true;
        add("fail", what);
    }

    void add(String kind, String... fields) {
        String line = kind + "\t" + String.join("\t", fields).replace('\n', ' ');
        lines.add(line);
        System.out.println(line.replace("\t", "  "));
    }

    boolean failed() {
        return failed;
    }

    void write(Path file) throws IOException {
        Files.write(file, lines);
    }
}
