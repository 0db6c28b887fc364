package dev.iovabitmap.conformance.cli;

import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An unsigned 64-bit number as people write one: decimal or 0x, with K, M, G or T for powers of 1024. */
final class UnsignedNumber implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(?:0[xX]([0-9a-fA-F]{1,32})|([0-9]{1,32}))([kKmMgGtT]?)");

    @Override
    public Long convert(String value) {
        Matcher form = FORM.matcher(value);
        if (!form.matches()) {
            throw new TypeConversionException(
                    "'" + value + "' is not a number: write decimal or 0x, with K, M, G or T for powers of 1024");
        }
        BigInteger digits = form.group(1) != null ? new BigInteger(form.group(1), 16) : new BigInteger(form.group(2));
        BigInteger number = digits.shiftLeft(shiftOf(form.group(3).toUpperCase(Locale.ROOT)));
        if (number.bitLength() > Long.SIZE) {
            throw new TypeConversionException("'" + value + "' is 2^64 or more: numbers are unsigned 64-bit");
        }
        return number.longValue();
    }

    private static int shiftOf(String suffix) {
        return suffix.isEmpty() ? 0 : 10 * (1 + "KMGT".indexOf(suffix));
    }
}
