package dev.iovabitmap.conformance.report;

import java.nio.charset.StandardCharsets;
import java.util.SortedMap;

/** SHA256SUMS, as sha256sum(1) reads it: by name, two blanks, line feeds. */
public final class Sums {
    /** The name of the file. */
    public static final String NAME = "SHA256SUMS";

    private Sums() {}

    /** {@return the file for sums in hex by name} */
    public static byte[] of(SortedMap<String, String> sums) {
        StringBuilder text = new StringBuilder();
        sums.forEach((name, sum) -> text.append(sum).append("  ").append(name).append('\n'));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
