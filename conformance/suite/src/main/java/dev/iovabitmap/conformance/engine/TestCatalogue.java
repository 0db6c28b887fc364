package dev.iovabitmap.conformance.engine;

import dev.iovabitmap.conformance.Verifies;
import dev.iovabitmap.conformance.rules.alloc.AllocTest;
import dev.iovabitmap.conformance.rules.alloc.RefusalTest;
import dev.iovabitmap.conformance.rules.bit.AlignmentTest;
import dev.iovabitmap.conformance.rules.bit.BitTest;
import dev.iovabitmap.conformance.rules.conc.ConcurrentSetTest;
import dev.iovabitmap.conformance.rules.hw.BetweenCallsTest;
import dev.iovabitmap.conformance.rules.hw.CallerMemoryTest;
import dev.iovabitmap.conformance.rules.hw.CoverTest;
import dev.iovabitmap.conformance.rules.hw.ExactTest;
import dev.iovabitmap.conformance.rules.hw.MappingTest;
import dev.iovabitmap.conformance.rules.hw.NeighbourTest;
import dev.iovabitmap.conformance.rules.hw.PeekTest;
import dev.iovabitmap.conformance.rules.hw.ReportErrorTest;
import dev.iovabitmap.conformance.rules.hw.ReportUnitTest;
import dev.iovabitmap.conformance.rules.hw.SessionTest;
import dev.iovabitmap.conformance.rules.hw.SupersetTest;
import dev.iovabitmap.conformance.rules.iter.IterTest;
import dev.iovabitmap.conformance.rules.kernel.CombineCasesTest;
import dev.iovabitmap.conformance.rules.kernel.KernelCasesTest;
import dev.iovabitmap.conformance.rules.kernel.SelftestCasesTest;
import dev.iovabitmap.conformance.rules.life.ForeignDataTest;
import dev.iovabitmap.conformance.rules.life.LifeTest;
import dev.iovabitmap.conformance.rules.read.DrainTest;
import dev.iovabitmap.conformance.rules.read.MergeTest;
import dev.iovabitmap.conformance.rules.read.PartTest;
import dev.iovabitmap.conformance.rules.read.ReadRefusalTest;
import dev.iovabitmap.conformance.rules.read.ReadTest;
import dev.iovabitmap.conformance.rules.read.TakeTest;
import dev.iovabitmap.conformance.rules.set.InCallbackTest;
import dev.iovabitmap.conformance.rules.set.RangeCheckTest;
import dev.iovabitmap.conformance.rules.set.SetTest;
import dev.iovabitmap.conformance.rules.win.WindowArithmeticTest;
import dev.iovabitmap.conformance.rules.win.WindowTest;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** All tests of the suite, in the order of the specification. */
public final class TestCatalogue {
    /** A test of this module fails if a class with tests is missing here. */
    static final List<Class<?>> CLASSES = List.of(
            AllocTest.class,
            RefusalTest.class,
            BitTest.class,
            AlignmentTest.class,
            SetTest.class,
            RangeCheckTest.class,
            InCallbackTest.class,
            WindowTest.class,
            WindowArithmeticTest.class,
            IterTest.class,
            LifeTest.class,
            ForeignDataTest.class,
            ReadTest.class,
            ReadRefusalTest.class,
            MergeTest.class,
            DrainTest.class,
            PartTest.class,
            TakeTest.class,
            ConcurrentSetTest.class,
            KernelCasesTest.class,
            SelftestCasesTest.class,
            SupersetTest.class,
            ExactTest.class,
            ReportUnitTest.class,
            BetweenCallsTest.class,
            CallerMemoryTest.class,
            ReportErrorTest.class,
            SessionTest.class,
            MappingTest.class,
            NeighbourTest.class,
            PeekTest.class,
            CoverTest.class,
            CombineCasesTest.class);

    private static final List<TestCase> ALL = CLASSES.stream()
            .flatMap(type -> Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Verifies.class))
                    .map(TestCase::of)
                    .sorted(Comparator.comparing(TestCase::id)))
            .toList();

    private TestCatalogue() {}

    /** {@return all tests} */
    public static List<TestCase> all() {
        return ALL;
    }
}
