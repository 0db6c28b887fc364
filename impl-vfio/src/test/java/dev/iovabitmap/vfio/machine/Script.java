package dev.iovabitmap.vfio.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** A world and what happens in it, on one line. */
record Script(World world, List<Step> steps) {
    private static final int BEGINNING = 8;
    private static final int STEPS = 48;

    /** What seldom comes in this order by itself, and is where things go wrong. */
    private static final List<List<Op>> PHRASES = List.of(
            List.of(Op.WRITE_BETWEEN, Op.UNMAP, Op.MAP, Op.HARVEST),
            List.of(Op.STOP, Op.TRACK_MAPPINGS, Op.WRITE),
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
            List.of(Op.WRITE, Op.FAIL_REPORT, Op.UNMAP, Op.HARVEST),
            List.of(Op.WRITE, Op.CLOSE_DEVICE, Op.DEVICE, Op.WRITE, Op.HARVEST));

    /** Random steps; the first ones are such that something is tracked soon. */
    static Script random(Random random) {
        World world = World.random(random);
        List<Step> steps = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            steps.add(Step.random(Op.OWNER, random));
            steps.add(Step.random(Op.ADOPT, random));
            steps.add(Step.random(Op.ADOPT, random));
            steps.add(Step.random(Op.OWNER_MAP, random));
        } else {
            steps.add(Step.random(Op.SPACE, random));
            steps.add(Step.random(Op.DEVICE, random));
            steps.add(Step.random(Op.DEVICE, random));
            steps.add(Step.random(Op.MAP, random));
        }
        while (steps.size() < BEGINNING) {
            steps.add(Step.random(Op.MAP, random));
        }
        steps.add(Step.random(random.nextBoolean() ? Op.TRACK : Op.TRACK_MAPPINGS, random));
        while (steps.size() < STEPS) {
            if (random.nextInt(6) == 0) {
                PHRASES.get(random.nextInt(PHRASES.size())).forEach(op -> steps.add(Step.random(op, random)));
            } else {
                steps.add(Step.random(random));
            }
        }
        return new Script(world, steps);
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
