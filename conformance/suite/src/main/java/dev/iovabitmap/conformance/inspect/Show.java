package dev.iovabitmap.conformance.inspect;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** How numbers, names and errors are written for people. */
final class Show {
    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Show() {}

    static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    /** Padded with zeros to a number of digits, so that columns line up. */
    static String hex(long value, int digits) {
        String shown = Long.toHexString(value);
        return "0x" + "0".repeat(Math.max(0, digits - shown.length())) + shown;
    }

    static int hexDigits(long value) {
        return Long.toHexString(value).length();
    }

    static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** {@code 1 page}, {@code 2 pages}. */
    static String count(long value, String noun) {
        return count(value) + " " + noun + (value == 1 ? "" : "s");
    }

    /** A number of bytes, unsigned, in the unit that keeps it short: exact where that is a whole number. */
    static String size(long bytes) {
        int unit = bytes == 0 ? 0 : (Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes)) / 10;
        long one = 1L << (10 * unit);
        long whole = bytes >>> (10 * unit);
        long rest = bytes & (one - 1);
        if (unit == 0) {
            return whole == 1 ? "1 byte" : whole + " bytes";
        }
        if (rest == 0) {
            return whole + " " + UNITS[unit];
        }
        double value = whole + (double) rest / one;
        return String.format(Locale.ROOT, "%.2f %s", value, UNITS[unit]);
    }

    /** A part of a whole; never rounded to nothing or to all where it is neither. */
    static String percent(long part, long whole) {
        double percent = 100.0 * part / whole;
        if (part != 0 && percent < 0.01) {
            return "under 0.01 %";
        }
        if (part != whole && percent > 99.99) {
            return "over 99.99 %";
        }
        return String.format(Locale.ROOT, "%.2f %%", percent);
    }

    /** A file's name as it can be put into a terminal or an XML document. */
    static String name(Path path) {
        return path.toString().replaceAll("\\p{Cntrl}", "?");
    }

    static String quoted(Path path) {
        return "'" + name(path) + "'";
    }

    /** What the system said, in words. */
    static String reason(IOException failure) {
        return switch (failure) {
            case NoSuchFileException missing -> "there is no such file";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(failure.getMessage());
        };
    }
}
