package dev.iovabitmap.conformance.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.conformance.engine.TestCase;
import dev.iovabitmap.conformance.faults.Matrix.Lost;
import dev.iovabitmap.conformance.faults.Matrix.Row;
import dev.iovabitmap.conformance.subject.Library;
import dev.iovabitmap.spi.IovaBitmapProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a fault does to its JVM, what was found of it is kept, and the tests behind it run. */
class TrialChildrenTest {
    private static final String MARKS = "RangeCheckTest.aRangeThatWrapsIsCut";
    private static final String CLIPS = "RangeCheckTest.clipsOnBothSides";
    private static final String BEHIND = "RangeCheckTest.refusesRangesThatWrap";

    @TempDir
    private Path directory;

    /** A JVM with faults that do more than to be wrong. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            TrialMain.run(FAULTS, args);
        }
    }

    /** A JVM that tells of nothing. */
    static final class Idle {
        private Idle() {}

        public static void main(String[] args) {}
    }

    private static final List<Fault> FAULTS = List.of(
            fault("Hanging", Lapsing.Hanging::new),
            fault("Exiting", Lapsing.Exiting::new),
            fault("Halting", Lapsing.Halting::new),
            fault("Crashing", Lapsing.Crashing::new),
            fault("Exhausted", Lapsing.Exhausted::new),
            fault("Lapsing", Lapsing::new),
            fault("Right", RightProvider::new));

    private static Fault fault(String id, Supplier<IovaBitmapProvider> provider) {
        return new Fault(id, "", "re-enacted", List.of("SET-7"), RightProvider.ALL, provider, Library.REAL);
    }

    private TrialLog run(String id, Class<?> main, String... tests) throws IOException, InterruptedException {
        TrialLog log = new TrialLog(directory.resolve(id + ".log"));
        Set<String> tried = Set.of(tests);
        for (TestCase test : Trial.tests(RightProvider.ALL)) {
            if (!tried.contains(test.id())) {
                log.passed(test.id(), "");
            }
        }
        Fault fault =
                FAULTS.stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
        return new TrialChildren(directory, main, 1, Duration.ofSeconds(2)).run(fault);
    }

    @ParameterizedTest
    @CsvSource({
        "Hanging, did not return",
        "Exiting, ended the JVM with exit status 0",
        "Halting, ended the JVM with exit status 9",
        "Crashing, crashed the JVM"
    })
    void aLostTestIsNotedAndTheOthersRun(String id, String how) throws Exception {
        TrialLog log = run(id, Main.class, MARKS, BEHIND);
        assertEquals(Map.of(how, Set.of(MARKS)), log.lost());
        assertEquals(Set.of(), log.failed());
        assertTrue(log.ended().contains(BEHIND));
        Row row = FullMatrixCheck.row(FAULTS.get(0), log);
        assertEquals(List.of(), row.caughtBy());
        assertEquals(List.of(new Lost(how, List.of("SET-7"))), row.lost());
        assertEquals(1, row.tests());
    }

    /** jqwik and our checks take it for a failure, Jupiter does not. */
    @Test
    void aRunThatIsOutOfMemoryIsLost() throws Exception {
        String test = "BitTest.moreBitsThanAnIntCounts";
        assertEquals(
                Map.of("threw OutOfMemoryError", Set.of(test)),
                run("Exhausted", Main.class, test).lost());
    }

    @Test
    void aRuleWithATestThatFailsIsNotLost() throws Exception {
        TrialLog log = run("Lapsing", Main.class, "AllocTest.none");
        log.failed(CLIPS);
        log.lost(MARKS, "did not return");
        Row row = FullMatrixCheck.row(FAULTS.get(0), log);
        assertEquals(List.of("SET-7"), row.caughtBy());
        assertEquals(List.of(new Lost("did not return", List.of())), row.lost());
        assertEquals(2, row.tests());
    }

    @Test
    void whatFailsAndWhatPassesIsTold() throws Exception {
        String takesNothing = "AllocTest.refusesLengthZero";
        TrialLog log = run("Lapsing", Main.class, takesNothing, BEHIND);
        assertEquals(Set.of(takesNothing), log.failed());
        assertEquals(Map.of(), log.lost());
        assertTrue(log.ended().contains(BEHIND));
    }

    @Test
    void anInterruptedTestRunsAgain() throws Exception {
        Path file = directory.resolve("Right.log");
        TrialLog log = new TrialLog(file);
        log.started(CLIPS);
        Files.writeString(file, "passed\t" + CLIPS, StandardOpenOption.APPEND); // and no more of the line
        assertEquals(CLIPS, log.open());
        assertEquals(Map.of(), run("Right", Main.class, CLIPS).lost());
        assertTrue(log.isDone());
        assertTrue(log.ended().contains(CLIPS));
        assertEquals("", log.open());
    }

    @Test
    void aJvmThatDoesNothingIsNoResult() {
        assertThrows(IOException.class, () -> run("Right", Idle.class, CLIPS));
    }
}
