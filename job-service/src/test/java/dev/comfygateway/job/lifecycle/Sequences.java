package dev.comfygateway.job.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tries a property with random sequences of steps. When it does not hold, the sequence is shortened as long as it still
 * does not, and the error tells the seed and what is left.
 *
 * <p>Shortening leaves steps out, so every step must mean something at every point: "report about attempt 3 of those
 * there are" and not "report about the attempt just granted". The system property {@code sequences.seed} repeats a run.
 * Why this is not a library: ADR 9.
 */
final class Sequences {

    private static final int LONGEST = 60;

    private Sequences() {}

    static <S> void check(int tries, Function<Random, S> step, Consumer<List<S>> property) {
        Long repeated = Long.getLong("sequences.seed");
        long first = repeated == null ? new Random().nextLong() : repeated;
        for (long seed = first; seed < first + tries; seed++) {
            Random random = new Random(seed);
            List<S> steps = new ArrayList<>();
            for (int n = random.nextInt(LONGEST + 1); n > 0; n--) {
                steps.add(step.apply(random));
            }
            Throwable error = failure(steps, property);
            if (error != null) {
                List<S> left = shorten(steps, property);
                Throwable last = failure(left, property);
                throw new AssertionError(
                        "Does not hold for %s; repeat with -Dsequences.seed=%d".formatted(left, seed),
                        last == null ? error : last);
            }
        }
    }

    private static <S> List<S> shorten(List<S> failing, Consumer<List<S>> property) {
        List<S> shortest = failing;
        for (int part = Math.max(1, failing.size() / 2); part > 0; ) {
            List<S> shorter = null;
            for (int from = 0; from < shortest.size() && shorter == null; from += part) {
                List<S> rest = new ArrayList<>(shortest);
                rest.subList(from, Math.min(from + part, rest.size())).clear();
                if (failure(rest, property) != null) {
                    shorter = rest;
                }
            }
            if (shorter == null) {
                part /= 2;
            } else {
                shortest = shorter;
            }
        }
        return shortest;
    }

    private static <S> @Nullable Throwable failure(List<S> steps, Consumer<List<S>> property) {
        try {
            property.accept(steps);
            return null;
        } catch (AssertionError | RuntimeException e) {
            return e;
        }
    }
}
