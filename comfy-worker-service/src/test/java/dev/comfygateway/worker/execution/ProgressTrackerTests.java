package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.worker.testing.RecordingReporter;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ProgressTrackerTests {

    private static final Map<String, Object> GRAPH = Map.of(
            "1", Map.of("class_type", "A", "inputs", Map.of()),
            "2", Map.of("class_type", "B", "inputs", Map.of("in", List.of("1", 0))),
            "3", Map.of("class_type", "Save", "inputs", Map.of("in", List.of("2", 0))),
            "4", Map.of("class_type", "SideBranch", "inputs", Map.of()));

    private final RecordingReporter reporter = new RecordingReporter();
    private final AtomicLong nanos = new AtomicLong();
    private final ProgressTracker tracker =
            new ProgressTracker(GRAPH, Set.of("Save"), "p", reporter, done -> {}, nanos::get);

    @Test
    void countsCachedNodesOnceAndLeavesOutSideBranches() {
        say("execution_start", "{}");
        say("execution_cached", "{\"nodes\":[\"1\"]}");
        say("execution_cached", "{\"nodes\":[\"1\"]}");

        assertThat(reporter.reports).hasSize(2);
        assertThat(reporter.reports.getLast()).isInstanceOfSatisfying(AttemptReport.NodeFinished.class, finished -> {
            assertThat(finished.cached()).isTrue();
            assertThat(finished.nodes()).isEqualTo(new NodeCount(1, 3));
        });
    }

    @Test
    void sendsStepsAboutFourTimesASecondAndNeverFallsBack() {
        say("executing", "{\"node\":\"1\",\"display_node\":\"1\"}");
        for (int step = 1; step <= 100; step++) {
            nanos.addAndGet(20_000_000);
            say("progress", "{\"node\":\"1\",\"value\":" + step + ",\"max\":100}");
        }
        say("progress", "{\"node\":\"1\",\"value\":1,\"max\":100}");
        say("executing", "{\"node\":\"2\",\"display_node\":\"2\"}");
        nanos.addAndGet(1_000_000_000);
        say("progress", "{\"node\":\"2\",\"value\":1,\"max\":2}");

        List<Double> fractions = reporter.reports.stream()
                .filter(AttemptReport.Progressed.class::isInstance)
                .map(report -> ((AttemptReport.Progressed) report).fraction())
                .toList();
        assertThat(fractions).hasSizeBetween(8, 12).isSorted();
        assertThat(fractions.getLast()).isEqualTo(0.5);
    }

    @Test
    void endsANodeByItsStateOrByTheNextOne() {
        say("executing", "{\"node\":\"1\",\"display_node\":\"1\"}");
        say("executing", "{\"node\":\"2\",\"display_node\":\"2\"}");
        say("progress_state", "{\"nodes\":{\"2\":{\"state\":\"finished\"}}}");
        say("executing", "{\"node\":\"3.0.0.1\",\"display_node\":\"3\"}");
        say("executing", "{\"node\":null}");
        tracker.completed();

        assertThat(reporter.reports.stream()
                        .filter(AttemptReport.NodeFinished.class::isInstance)
                        .map(report -> ((AttemptReport.NodeFinished) report).nodeId()))
                .containsExactly("1", "2", "3");
    }

    private void say(String type, String data) {
        tracker.apply(type, JsonMapper.shared().readTree(data));
    }
}
