package dev.iovabitmap.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Holds the kernel that runs against our arithmetic, inside of a guest: {@code KernelCheck SEED CASES CYCLES}. Leaves
 * {@code kernel-check.txt} in the guest's results, and ends with 1 if something is not as it has to be.
 */
public final class KernelCheck {
    private KernelCheck() {}

    /** Runs everything that this kernel has. */
    public static void main(String[] args) throws IOException {
        long seed = Long.parseLong(args[0]);
        int cases = Integer.parseInt(args[1]);
        int cycles = Integer.parseInt(args[2]);
        KernelRelease kernel = KernelRelease.running();
        Results results = new Results();
        results.add("kernel", kernel.toString(), System.getProperty("os.version"));
        results.add("seed", String.valueOf(seed));
        boolean hasIommufd = Files.exists(Path.of("/dev/iommu"));
        try {
            try (LoggingDevice device = LoggingDevice.open()) {
                LoggingDifferential logging = new LoggingDifferential(device, kernel, results);
                logging.windows();
                logging.random(cases, new Random(seed));
                KernelModel model = new KernelModel(listedFor(kernel), kernel.hasWindows());
                if (hasIommufd) {
                    try (PageTableDifferential table = new PageTableDifferential(results);
                            Selftest selftest = new Selftest()) {
                        selftest.run(results);
                        table.random(cases, new Random(seed));
                        new PublicCases(device, table, selftest, model, kernel, results).run();
                        deviations(new Probes(device, table.device()), kernel, results);
                    }
                } else {
                    new PublicCases(device, null, null, model, kernel, results).run();
                    deviations(new Probes(device, null), kernel, results);
                }
            }
            for (String transport : hasIommufd ? List.of("log", "type1", "iommufd") : List.of("log", "type1")) {
                if (cycles > 0) {
                    Cycles.run(transport, cycles, results);
                }
            }
        } catch (RuntimeException e) {
            results.fail(String.valueOf(e));
            e.printStackTrace();
        }
        results.write(Path.of(System.getenv("IOVA_BITMAP_RESULTS"), "kernel-check.txt"));
        System.exit(results.failed() ? 1 : 0);
    }

    private static Set<String> listedFor(KernelRelease kernel) throws IOException {
        return Deviation.all().stream()
                .filter(each -> each.isIn(kernel))
                .map(Deviation::id)
                .collect(Collectors.toSet());
    }

    /** What the kernel does otherwise has to be on the list, and what is on the list it has to do. */
    private static void deviations(Probes probes, KernelRelease kernel, Results results) throws IOException {
        Map<String, Deviation> known = new TreeMap<>();
        for (Deviation each : Deviation.all()) {
            known.put(each.id(), each);
        }
        Set<String> unprobed = listedFor(kernel);
        for (Probes.Shown shown : probes.all()) {
            unprobed.remove(shown.id());
            Deviation listed = known.get(shown.id());
            boolean expected = listed != null && listed.isIn(kernel);
            String rule = listed == null ? "?" : listed.rule();
            results.add(shown.deviates() ? "deviation" : "conforms", shown.id(), rule, shown.input(), shown.observed());
            if (expected != shown.deviates()) {
                results.fail(shown.id() + (expected ? " is listed for " : " is not listed for ") + kernel
                        + (expected ? " and does not show: " : " and shows: ") + shown.input() + " "
                        + shown.observed());
            }
        }
        unprobed.forEach(id -> results.fail(id + " is listed for " + kernel + " and nothing shows it"));
    }
}
