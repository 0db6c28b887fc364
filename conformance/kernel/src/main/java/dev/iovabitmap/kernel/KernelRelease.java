package dev.iovabitmap.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of Linux, as far as it decides what is to be expected. */
record KernelRelease(int major, int minor, int patch) implements Comparable<KernelRelease> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,5}))?.*");
    private static final Pattern DEBIAN = Pattern.compile(" Debian (\\d+\\.\\d+\\.\\d+)-\\S+ \\(\\d{4}-");
    private static final Comparator<KernelRelease> ORDER = Comparator.comparingInt(KernelRelease::major)
            .thenComparingInt(KernelRelease::minor)
            .thenComparingInt(KernelRelease::patch);

    static KernelRelease parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is no version of Linux");
        }
        String patch = matcher.group(3);
        return new KernelRelease(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch));
    }

    /** {@return the version that runs; a distribution may name its packages by another one than the source's} */
    static KernelRelease running() throws IOException {
        Matcher debian = DEBIAN.matcher(Files.readString(Path.of("/proc/version")));
        return parse(debian.find() ? debian.group(1) : System.getProperty("os.version"));
    }

    /** Until 6.10 the kernel cut a report into windows; since then it calls the driver once. */
    boolean hasWindows() {
        return compareTo(new KernelRelease(6, 11, 0)) < 0;
    }

    @Override
    public int compareTo(KernelRelease other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + (patch == 0 ? "" : "." + patch);
    }
}
