package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultPlanTests {

    private static final List<String> PARTS = List.of("kafka", "postgres", "worker-1", "worker-2");
    private static final List<String> LINKS = List.of("worker-1>kafka", "worker-2>kafka");

    @Test
    void makesTheSameFaultsOfTheSameSeed() {
        assertThat(faults(4711)).isEqualTo(faults(4711)).isNotEqualTo(faults(4712));
    }

    @Test
    void killsEachPartOnceBeforeItMixes() {
        assertThat(plan(1).opening().stream()
                        .filter(fault -> fault instanceof Fault.Killed)
                        .map(Fault::where))
                .containsExactlyInAnyOrder("kafka", "postgres", "worker-1");
    }

    @Test
    void neverHurtsOnePlaceTwiceAtOnce() {
        FaultPlan plan = plan(3);
        for (int i = 0; i < 1000; i++) {
            assertThat(plan.next().stream().map(Fault::where)).isNotEmpty().doesNotHaveDuplicates();
        }
    }

    private static List<String> faults(long seed) {
        FaultPlan plan = plan(seed);
        List<String> faults = new ArrayList<>();
        plan.opening().forEach(fault -> faults.add(fault.toString()));
        for (int i = 0; i < 100; i++) {
            faults.add(plan.next().toString());
        }
        return faults;
    }

    private static FaultPlan plan(long seed) {
        return new FaultPlan(PARTS, LINKS, Duration.ofSeconds(12), new Duplicator("127.0.0.1:1"), seed);
    }
}
