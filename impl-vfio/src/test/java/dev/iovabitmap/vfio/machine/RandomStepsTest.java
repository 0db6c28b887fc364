package dev.iovabitmap.vfio.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.iovabitmap.vfio.machine.Machine.Wrong;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Random scripts. {@code -Dvfio.machine.steps=2000000} makes more of them, {@code -Dvfio.machine.replay='...'} runs the one line
 * that a failure prints. The seed is printed by jqwik.
 */
class RandomStepsTest {
    private static final int TRIES = 500;
    private static final long STEPS = Long.getLong("vfio.machine.steps", 60_000);
    private static final Map<Cause, Long> OVER_MARKED = new EnumMap<>(Cause.class);
    private static long done;

    @Provide
    Arbitrary<Script> scripts() {
        return Arbitraries.randomValue(Script::random);
    }

    @Property(tries = TRIES, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void nothingIsLost(@ForAll("scripts") Script first, @ForAll Random random) {
        long enough = done + STEPS / TRIES;
        for (Script script = first; done < enough; script = Script.random(random)) {
            Machine machine = new Machine(script);
            Wrong wrong = machine.run();
            if (wrong != null) {
                throw shrunk(script, wrong);
            }
            done += machine.done;
            machine.overMarked.forEach((cause, pages) -> OVER_MARKED.merge(cause, pages, Long::sum));
        }
    }

    private static Wrong shrunk(Script script, Wrong wrong) {
        Script small = Shrinker.shrink(script, candidate -> {
            Wrong same = Machine.run(candidate);
            return same != null && same.kind.equals(wrong.kind);
        });
        Wrong result = Machine.run(small);
        return result == null ? wrong : result;
    }

    @AfterContainer
    static void count() {
        System.out.println(done + " random steps, pages over-marked: " + OVER_MARKED);
        assertTrue(done >= STEPS);
    }
}
