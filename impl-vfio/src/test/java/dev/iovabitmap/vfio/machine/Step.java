package dev.iovabitmap.vfio.machine;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** A step of a script: what it does, and up to four small numbers. */
record Step(Op op, int a, int b, int c, int d) {
    private static final int LIMIT = 32;
    private static final int WEIGHTS =
            Arrays.stream(Op.values()).mapToInt(op -> op.weight).sum();

    static Step of(Op op, int... arguments) {
        int[] all = Arrays.copyOf(arguments, 4);
        return new Step(op, all[0], all[1], all[2], all[3]);
    }

    static Step random(Random random) {
        int left = random.nextInt(WEIGHTS);
        for (Op op : Op.values()) {
            left -= op.weight;
            if (left < 0) {
                return random(op, random);
            }
        }
        throw new AssertionError(left);
    }

    static Step random(Op op, Random random) {
        return new Step(op, random.nextInt(LIMIT), random.nextInt(LIMIT), random.nextInt(LIMIT), random.nextInt(LIMIT));
    }

    static Step parse(String text) {
        String[] parts = text.split("\\.");
        int[] arguments =
                Arrays.stream(parts).skip(1).mapToInt(Integer::parseInt).toArray();
        return of(Op.valueOf(parts[0].toUpperCase(Locale.ROOT)), arguments);
    }

    List<Integer> arguments() {
        return List.of(a, b, c, d);
    }

    Step with(int index, int value) {
        int[] all = {a, b, c, d};
        all[index] = value;
        return of(op, all);
    }

    @Override
    public String toString() {
        String all = op.name().toLowerCase(Locale.ROOT) + "." + a + "." + b + "." + c + "." + d;
        return all.replaceFirst("(\\.0)+$", "");
    }
}
