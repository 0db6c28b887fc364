package dev.iovabitmap.vfio.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a script that fails shorter, and its numbers smaller, for as long as it fails. Always the same way. */
final class Shrinker {
    private Shrinker() {}

    static Script shrink(Script failing, Predicate<Script> fails) {
        Script best = failing;
        Script before;
        do {
            before = best;
            best = smaller(shorter(best, fails), fails);
        } while (!best.equals(before));
        return best;
    }

    private static Script shorter(Script script, Predicate<Script> fails) {
        Script best = script;
        for (int chunk = Integer.highestOneBit(Math.max(script.steps().size(), 1)); chunk > 0; chunk /= 2) {
            for (int at = best.steps().size() - chunk; at >= 0; at -= chunk) {
                if (at + chunk > best.steps().size()) {
                    continue;
                }
                List<Step> left = new ArrayList<>(best.steps());
                left.subList(at, at + chunk).clear();
                Script candidate = new Script(best.world(), left);
                if (fails.test(candidate)) {
                    best = candidate;
                }
            }
        }
        return best;
    }

    private static Script smaller(Script script, Predicate<Script> fails) {
        Script best = script;
        for (int i = 0; i < best.steps().size(); i++) {
            for (int argument = 0; argument < 4; argument++) {
                int value = best.steps().get(i).arguments().get(argument);
                for (int less : new int[] {0, 1, value / 2, value - 1}) {
                    if (less < best.steps().get(i).arguments().get(argument) && less >= 0) {
                        List<Step> steps = new ArrayList<>(best.steps());
                        steps.set(i, steps.get(i).with(argument, less));
                        Script candidate = new Script(best.world(), steps);
                        if (fails.test(candidate)) {
                            best = candidate;
                        }
                    }
                }
            }
        }
        return best;
    }
}
