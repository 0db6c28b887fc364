package dev.iovabitmap.vfio.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** A world and what happens in it, on one line. */
record Script(World world, List<Step> steps) {
    private static final int STEPS = 48;

    /** What seldom comes in this order by itself, and is where things go wrong. */
    private static final List<List<Op>> PHRASES = List.of(
            List.of(Op.WRITE_BETWEEN, Op.UNMAP, Op.MAP, Op.HARVEST),
            List.of(Op.STOP, Op.TRACK_MAPPINGS, Op.WRITE, Op.HARVEST),
            List.of(Op.STOP, Op.TRACK, Op.WRITE, Op.HARVEST, Op.HARVEST),
            List.of(Op.WRITE, Op.OWNER_UNMAP, Op.HARVEST),
            List.of(Op.WRITE_BETWEEN, Op.CLOSE_DEVICE, Op.HARVEST),
            List.of(Op.DEVICE, Op.WRITE, Op.HARVEST, Op.WRITE, Op.CLOSE_DEVICE, Op.HARVEST),
            List.of(
                    Op.WRITE,
                    Op.FAIL_REPORT,
                    Op.HARVEST,
                    Op.STOP,
                    Op.TRACK_MAPPINGS,
                    Op.HARVEST,
                    Op.STOP,
                    Op.TRACK_MAPPINGS),
            List.of(Op.WRITE, Op.FAIL_REPORT, Op.HARVEST, Op.STOP, Op.TRACK, Op.HARVEST, Op.STOP, Op.TRACK),
            List.of(Op.WRITE, Op.FAIL_REPORT, Op.UNMAP, Op.HARVEST));

    /**
     * Random steps; the first ones are such that something is tracked soon. Calls fail in one script of three, since a session of
     * which a report failed marks everything and hides what else is wrong.
     */
    static Script random(Random random) {
        World world = World.random(random);
        boolean fails = random.nextInt(3) == 0;
        List<Step> steps = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            add(steps, random, Op.OWNER, Op.ADOPT, Op.ADOPT, Op.OWNER_MAP, Op.OWNER_MAP);
        } else {
            add(steps, random, Op.SPACE, Op.DEVICE, Op.DEVICE, Op.MAP, Op.MAP);
        }
        add(steps, random, random.nextBoolean() ? Op.TRACK : Op.TRACK_MAPPINGS);
        while (steps.size() < STEPS) {
            if (random.nextInt(4) == 0) {
                add(steps, random, PHRASES.get(random.nextInt(PHRASES.size())).toArray(Op[]::new));
            } else {
                steps.add(Step.random(random));
            }
            steps.removeIf(step -> !fails && (step.op() == Op.FAIL || step.op() == Op.FAIL_REPORT));
        }
        return new Script(world, steps);
    }

    private static void add(List<Step> steps, Random random, Op... ops) {
        for (Op op : ops) {
            steps.add(Step.random(op, random));
        }
    }

    static Script parse(String line) {
        List<String> words = Arrays.asList(line.strip().split("\\s+"));
        return new Script(
                World.parse(words.getFirst()),
                words.stream().skip(1).map(Step::parse).toList());
    }

    @Override
    public String toString() {
        return world + " " + steps.stream().map(Step::toString).collect(Collectors.joining(" "));
    }
}
