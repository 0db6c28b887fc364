package dev.iovabitmap.conformance.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The kernel of a guest, as the file says that the guest was given.
 *
 * @param guest what the guest is called
 * @param release what the kernel calls itself
 * @param packages what it was made of
 * @param changed the lines of the diff against its source; empty if it is as it was published
 * @param module the SHA-256 of the mock device's source
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record GuestKernel(
        @JsonProperty("kernel") String guest,
        String release,
        List<Part> packages,
        List<String> changed,
        String module) {
    /** The property that names the file. */
    public static final String PROPERTY = "iova-bitmap.guest-versions";

    /**
     * A package that the kernel was made of.
     *
     * @param name its name
     * @param version its version
     * @param sha256 its digest
     */
    public record Part(String name, String version, String sha256) {}

    /** {@return the kernel that this runs on, or null if no property says that it is a guest's} */
    static @Nullable GuestKernel here() throws IOException {
        String file = System.getProperty(PROPERTY);
        return file == null ? null : read(Path.of(file));
    }

    /**
     * Reads what a guest was given.
     *
     * @throws IOException if it cannot be read, or does not say what kernel it is
     */
    public static GuestKernel read(Path file) throws IOException {
        GuestKernel kernel = JsonMapper.builder().build().readValue(Files.readString(file), GuestKernel.class);
        if (kernel.guest == null || kernel.release == null || kernel.packages == null || kernel.changed == null) {
            throw new IOException("'" + file + "' does not say what kernel this is");
        }
        return kernel;
    }

    /** {@return one line for people} */
    public String inWords() {
        return "Linux " + release + " of the guest " + guest + " ("
                + packages.stream().map(each -> each.name + " " + each.version).collect(Collectors.joining(", "))
                + "), "
                + (changed.isEmpty() ? "not changed" : "with this change: " + String.join(" / ", changed));
    }
}
