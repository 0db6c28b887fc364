package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.Runner;
import dev.iovabitmap.conformance.faults.Matrix.Lost;
import dev.iovabitmap.conformance.faults.Matrix.Row;
import dev.iovabitmap.conformance.subject.Processors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Holds all rules against each fault, and what comes out against the committed matrix. It takes too long for each build, so it
 * runs only when asked for by name. An interrupted run goes on where it was, as long as no class has changed.
 * {@code -Dfault-matrix.write=true} writes the matrix and its page, {@code -Dfault-matrix.faults=PATTERN} tries only the faults
 * whose id or rules match, {@code -Dfault-matrix.jobs=N} tries so many at a time.
 */
class FullMatrixCheck {
    private static final Path LOGS = Path.of("target", "fault-matrix").toAbsolutePath();

    @Test
    void theCommittedMatrixIsWhatComesOut() throws Exception {
        assertTrue(Processors.several(), "races cannot be judged on one processor");
        Pattern chosen = Pattern.compile(System.getProperty("fault-matrix.faults", ""));
        List<Fault> faults = Faults.all().stream()
                .filter(fault -> chosen.matcher(fault.toString()).find())
                .toList();
        Matrix committed = MatrixFiles.read();
        Map<String, Row> known = committed.faults().stream().collect(Collectors.toMap(Row::id, Function.identity()));
        if (faults.size() < Faults.all().size()) {
            assertEquals(committed.rules(), Matrix.tested(), "the rules have changed, so try all faults");
        }
        Map<String, Row> tried = tried(faults);
        if (Boolean.getBoolean("fault-matrix.write")) {
            List<Row> rows = new ArrayList<>();
            for (Fault fault : Faults.all()) {
                Row row = tried.getOrDefault(fault.id(), known.get(fault.id()));
                assertTrue(row != null, () -> fault.id() + " is new, so it has to be tried");
                assertEquals(row.of(fault).notTried(), row.notTried(), () -> fault.id() + " has to be tried again");
                rows.add(row.of(fault));
            }
            MatrixFiles.write(new Matrix(Long.toUnsignedString(MatrixFiles.SEED), Matrix.tested(), rows));
        } else {
            List<String> differences = new ArrayList<>();
            tried.forEach((id, row) -> {
                if (!known.containsKey(id) || !cells(known.get(id)).equals(cells(row))) {
                    differences.add(id + ": " + cells(row) + ", committed: "
                            + (known.containsKey(id) ? cells(known.get(id)) : "none"));
                }
            });
            assertTrue(
                    differences.isEmpty(),
                    () -> "the matrix is old, see CONTRIBUTING.md:\n" + String.join("\n", differences));
        }
    }

    private static List<Object> cells(Row row) {
        return List.of(row.caughtBy(), row.lost());
    }

    private static Map<String, Row> tried(List<Fault> faults) throws Exception {
        Path directory = Files.createDirectories(LOGS.resolve(ClassPathSum.get().substring(0, 16)));
        TrialChildren children = new TrialChildren(directory, TrialMain.class, MatrixFiles.SEED, Runner.PATIENCE);
        AtomicInteger done = new AtomicInteger();
        int jobs = Integer.getInteger("fault-matrix.jobs", Runtime.getRuntime().availableProcessors());
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            Map<String, Future<Row>> running = new LinkedHashMap<>();
            for (Fault fault : faults) {
                running.put(fault.id(), pool.submit(() -> {
                    Row row = row(fault, children.run(fault));
                    System.out.printf(
                            "%d of %d: %s is failed by tests of %d rules%n",
                            done.incrementAndGet(),
                            faults.size(),
                            fault.id(),
                            row.caughtBy().size());
                    return row;
                }));
            }
            Map<String, Row> rows = new LinkedHashMap<>();
            for (Map.Entry<String, Future<Row>> one : running.entrySet()) {
                rows.put(one.getKey(), one.getValue().get());
            }
            return rows;
        } finally {
            pool.shutdownNow();
        }
    }

    /** {@return what a log says of a fault} */
    static Row row(Fault fault, TrialLog log) throws IOException {
        Set<String> failed = log.failed();
        List<String> caughtBy = Trial.rules(failed);
        int tests = failed.size();
        List<Lost> lost = new ArrayList<>();
        for (Map.Entry<String, Set<String>> way : log.lost().entrySet()) {
            tests += way.getValue().size();
            List<String> rules = new ArrayList<>(Trial.rules(way.getValue()));
            rules.removeAll(caughtBy);
            lost.add(new Lost(way.getKey(), rules));
        }
        return Matrix.row(fault, log.day().toString(), caughtBy, lost, tests);
    }
}
