package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RunLogTests extends SimulatorTestSupport {

    @Test
    void tellsWhenEachPromptRan() {
        int before = runs().size();
        long origin = System.currentTimeMillis() * 1_000_000;
        run(chain(900_001, slow(2, 0.02, false)));
        run(chain(900_002, slow(2, 0.02, false)));

        List<JsonNode> added = runs().subList(before, before + 2);

        assertThat(added).allSatisfy(run -> {
            assertThat(run.get("prompt_id").stringValue()).isNotEmpty();
            assertThat(run.get("end").longValue() - run.get("start").longValue())
                    .isBetween(
                            Duration.ofMillis(40).toNanos(),
                            Duration.ofSeconds(20).toNanos());
        });
        assertThat(added.getFirst().get("start").longValue())
                .isBetween(origin, origin + Duration.ofMinutes(1).toNanos());
        assertThat(added.getLast().get("start").longValue())
                .isGreaterThanOrEqualTo(added.getFirst().get("end").longValue());
    }

    private List<JsonNode> runs() {
        return StreamSupport.stream(get("/simulator/runs").get("runs").spliterator(), false)
                .toList();
    }
}
