package dev.iovabitmap.kernel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A rule of ours that the kernel breaks, as reviewed by a person.
 *
 * @param id what the probe is called that shows it
 * @param rule the rule
 * @param since the first version that does it
 * @param before the first version that no longer does it, or null
 * @param reason why the kernel does so, and why the rule stays
 */
record Deviation(
        String id,
        String rule,
        KernelRelease since,
        @Nullable KernelRelease before,
        String reason) {
    private static final int FIELDS = 4;

    /** {@return the reviewed list} */
    static List<Deviation> all() throws IOException {
        InputStream list = Objects.requireNonNull(
                Deviation.class.getResourceAsStream("deviations.txt"), "deviations.txt is missing");
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(Deviation::parse)
                    .toList();
        }
    }

    static Deviation parse(String line) {
        String[] fields = line.split(" *\\| *", -1);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("'" + line + "' has not " + FIELDS + " fields");
        }
        String[] range = fields[2].split(" *\\.\\. *", -1);
        return new Deviation(
                fields[0],
                fields[1],
                KernelRelease.parse(range[0]),
                range.length < 2 || range[1].isEmpty() ? null : KernelRelease.parse(range[1]),
                fields[3]);
    }

    boolean isIn(KernelRelease kernel) {
        return kernel.compareTo(since) >= 0 && (before == null || kernel.compareTo(before) < 0);
    }

    String versions() {
        return before == null ? "from " + since + " on" : "from " + since + " until before " + before;
    }
}
