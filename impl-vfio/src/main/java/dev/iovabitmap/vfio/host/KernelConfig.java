package dev.iovabitmap.vfio.host;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the running kernel was built, where it tells. */
final class KernelConfig {
    /** Whether an option is on. */
    enum Option {
        ON,
        OFF,
        UNTOLD
    }

    private static final Pattern NUMBER = Pattern.compile("^([0-9]{1,4})\\.([0-9]{1,4})");

    private final String release;
    private final String text;

    KernelConfig(HostFiles files) {
        String told = files.read("/proc/sys/kernel/osrelease");
        this.release = told.matches("[A-Za-z0-9_.+~-]{1,128}") ? told : "";
        String found = "";
        if (!release.isEmpty()) {
            for (String path :
                    List.of("/proc/config.gz", "/boot/config-" + release, "/lib/modules/" + release + "/config")) {
                found = found.isEmpty() ? files.readLarge(path) : found;
            }
        }
        this.text = found;
    }

    String release() {
        return release.isEmpty() ? "of an unknown release" : release;
    }

    /** Whether this is a release before another, as far as the number tells. */
    boolean isBefore(int major, int minor) {
        Matcher number = NUMBER.matcher(release);
        if (!number.find()) {
            return false;
        }
        int first = Integer.parseInt(number.group(1));
        return first < major || (first == major && Integer.parseInt(number.group(2)) < minor);
    }

    Option of(String option) {
        if (text.isEmpty()) {
            return Option.UNTOLD;
        }
        return Pattern.compile("(?m)^CONFIG_" + option + "=[ym]\\s*$")
                        .matcher(text)
                        .find()
                ? Option.ON
                : Option.OFF;
    }
}
