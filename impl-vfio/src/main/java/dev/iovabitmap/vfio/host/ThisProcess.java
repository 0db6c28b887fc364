package dev.iovabitmap.vfio.host;

import dev.iovabitmap.spi.Finding;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this process may do. */
final class ThisProcess {
    private static final Pattern MEMLOCK = Pattern.compile("(?m)^Max locked memory +(unlimited|[0-9]{1,18}) ");
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]{16})$");
    private static final int CAP_IPC_LOCK = 14;
    private static final long ENOUGH = 64L << 20;
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

    private final HostFiles files;

    ThisProcess(HostFiles files) {
        this.files = files;
    }

    /** The name of the user, or what stands for it in a command. */
    String user() {
        String name = System.getProperty("user.name", "");
        return USER.matcher(name).matches() ? name : "USER";
    }

    /** Memory that a device can reach is locked, and counts. */
    Finding memlock() {
        String name = "memlock";
        Matcher limit = MEMLOCK.matcher(files.read("/proc/self/limits"));
        if (!limit.find()) {
            return Finding.unknown(name, "/proc/self/limits does not tell how much memory may be locked");
        }
        String text = limit.group(1);
        if (text.equals("unlimited")) {
            return Finding.ok(name, "any amount of memory may be locked for devices");
        }
        long bytes = Long.parseLong(text);
        String amount = (bytes >> 10) + " KiB of memory may be locked for devices";
        if (ignoresLimits()) {
            return Finding.ok(name, amount + ", and CAP_IPC_LOCK lifts that limit");
        }
        if (bytes >= ENOUGH) {
            return Finding.ok(name, amount);
        }
        return Finding.missing(
                name,
                amount + ", and a run maps some 64 MiB: mapping fails with ENOMEM",
                "printf '" + user() + " - memlock 1048576\\n' > /etc/security/limits.d/60-iova-bitmap.conf"
                        + " (then log in again; for a service, LimitMEMLOCK=1G)");
    }

    private boolean ignoresLimits() {
        Matcher capabilities = CAPABILITIES.matcher(files.read("/proc/self/status"));
        return capabilities.find() && new BigInteger(capabilities.group(1), 16).testBit(CAP_IPC_LOCK);
    }
}
