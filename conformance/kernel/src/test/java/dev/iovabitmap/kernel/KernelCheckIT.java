package dev.iovabitmap.kernel;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * Our arithmetic against the kernels', in guests. {@code -Dkernel.seed=N} repeats a run, {@code -Dkernel.factor=N} makes one of N
 * times as many random cases and sessions.
 */
class KernelCheckIT {
    private static final long SEED =
            Long.getLong("kernel.seed", ThreadLocalRandom.current().nextLong(1L << 53));

    private static final int FACTOR = Integer.getInteger("kernel.factor", 1);

    private List<String> check(String kernel, int cases, int cycles) throws Exception {
        System.out.println("seed " + SEED);
        int code = Guest.run(
                kernel,
                KernelCheck.class.getName(),
                String.valueOf(SEED),
                String.valueOf(cases),
                String.valueOf(cycles));
        Path file = Guest.out(kernel).resolve("results/kernel-check.txt");
        assertTrue(Files.exists(file), () -> kernel + " ended with " + code + " and left nothing");
        List<String> lines = Files.readAllLines(file);
        assertEquals(
                List.of(),
                lines.stream().filter(line -> line.startsWith("fail")).toList());
        assertEquals(0, code);
        return lines;
    }

    private static void assertCount(List<String> lines, String what, int count) {
        assertTrue(lines.contains("count\t" + what + "\t" + count), () -> what + " " + count + " is not in " + lines);
    }

    /** Each of them has a line, and none is dropped: those that could not be asked are of the kinds that the page names. */
    private static void assertPublicCases(List<String> lines, int agree, int deviate, int notAsked) throws IOException {
        assertEquals(
                PublicCase.all().stream().map(PublicCase::id).sorted().toList(),
                lines.stream()
                        .filter(line -> line.startsWith("public-case\t"))
                        .map(line -> line.split("\t", -1)[1])
                        .sorted()
                        .toList());
        assertCount(lines, "public-cases-agrees", agree);
        assertCount(lines, "public-cases-deviates", deviate);
        assertCount(lines, "public-cases-not-asked", notAsked);
    }

    @Test
    void stockKernel() throws Exception {
        int cases = 1000 * FACTOR;
        int cycles = 50 * FACTOR;
        List<String> lines = check("qemu-6.1", cases, cycles);
        assertAll(
                () -> assertCount(lines, "logging-windows", 15),
                () -> assertCount(lines, "logging-random", cases),
                () -> assertPublicCases(lines, 48, 16, 38),
                () -> assertCount(lines, "log-session-cycles", cycles),
                () -> assertCount(lines, "type1-session-cycles", cycles));
    }

    @Test
    void userModeLinux() throws Exception {
        int cases = 10_000 * FACTOR;
        int cycles = 1000 * FACTOR;
        List<String> lines = check("uml-6.12", cases, cycles);
        assertAll(
                () -> assertCount(lines, "logging-windows", 15),
                () -> assertCount(lines, "logging-random", cases),
                () -> assertCount(lines, "iommufd-selftest-patterns", 54),
                () -> assertCount(lines, "iommufd-selftest-patterns-huge", 12),
                () -> assertCount(lines, "iommufd-random", cases),
                () -> assertPublicCases(lines, 74, 13, 15),
                () -> assertCount(lines, "log-session-cycles", cycles),
                () -> assertCount(lines, "type1-session-cycles", cycles),
                () -> assertCount(lines, "iommufd-session-cycles", cycles));
    }
}
