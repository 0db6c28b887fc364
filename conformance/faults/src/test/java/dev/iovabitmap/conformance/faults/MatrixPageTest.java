package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.faults.Matrix.Lost;
import dev.iovabitmap.conformance.faults.Matrix.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the page says of cells that the real matrix may not have. */
class MatrixPageTest {
    private static Row row(String id, String day, List<String> caughtBy, List<Lost> lost, int tests) {
        return new Row(id, "is wrong", "source", List.of("SET-1"), List.of("HW-1"), day, caughtBy, lost, tests);
    }

    @Test
    void lostTestsOtherRulesAndThinPlaces() {
        List<String> rules = List.of("SET-1", "SET-2", "SET-3", "HW-1");
        String page = MatrixFiles.pageOf(new Matrix(
                "5",
                rules,
                List.of(
                        row("a", "2026-11-24", List.of("SET-1", "SET-2"), List.of(), 3),
                        row("b", "2026-11-22", List.of("SET-1"), List.of(), 1),
                        row("B7", "2026-11-23", List.of("SET-1"), List.of(new Lost("hung", List.of("SET-3"))), 2),
                        row("d", "2026-11-23", List.of(), List.of(new Lost("crashed the JVM", List.of())), 1))));
        assertAll(
                () -> assertTrue(page.contains("from 2026-11-22 to 2026-11-24, with seed 5 "), page),
                () -> assertTrue(page.contains("speak of what a fault lacks: HW-1. 2 faults hung, or ended"), page),
                () -> assertTrue(page.contains("| SET-1 | 4 | 3 | 0 | 0 |\n| SET-2 | 0 | 0 | 1 | 0 |\n"), page),
                () -> assertTrue(page.contains("| HW-1 | 0 | 0 | 0 | 4 |\n"), page),
                () -> assertTrue(page.contains("no fault of another rule touches: SET-1, SET-3, HW-1."), page),
                () -> assertTrue(page.contains("| rule | faults |\n|---|---|\n| SET-1 | `b`, `d` |\n"), page),
                () -> assertTrue(page.contains("| `a` | is wrong | source | SET-1 | SET-2 | 3 |\n"), page),
                () -> assertTrue(
                        page.contains("| `B7` | is wrong | source | SET-1 | hung in tests of SET-3 | 2 |\n"), page),
                () -> assertTrue(page.contains("| `d` | is wrong | source | SET-1 | crashed the JVM | 1 |\n"), page));
    }
}
