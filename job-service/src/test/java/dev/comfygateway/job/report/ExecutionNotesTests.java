package dev.comfygateway.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.job.JobOutput;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutionNotesTests {

    private static final AttemptRef ATTEMPT = new AttemptRef("j_1", "a_1", 1, "w");
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");
    private static final NodeCount COUNT = new NodeCount(0, 3);

    private static Instant second(long n) {
        return START.plusSeconds(n);
    }

    private static List<AttemptReport> story() {
        return List.of(
                new AttemptReport.ExecutionStarted(ATTEMPT, 1, second(1), "p", COUNT),
                new AttemptReport.NodeFinished(ATTEMPT, 2, second(1), "1", "Loader", true, COUNT),
                new AttemptReport.NodeStarted(ATTEMPT, 3, second(2), "2", "KSampler", COUNT),
                new AttemptReport.Progressed(ATTEMPT, 4, second(3), "2", "KSampler", 10, 20, COUNT, 0.5),
                new AttemptReport.Progressed(ATTEMPT, 5, second(4), "2", "KSampler", 20, 20, COUNT, 0.9),
                new AttemptReport.NodeFinished(ATTEMPT, 6, second(5), "2", "KSampler", false, COUNT),
                new AttemptReport.NodeStarted(ATTEMPT, 7, second(5), "3", "SaveImage", COUNT),
                new AttemptReport.OutputStored(
                        ATTEMPT,
                        8,
                        second(6),
                        new JobOutput("as_1", 0, "a.png", "image/png", 3, "00", "image", "3", false, false)));
    }

    private static Execution whole() {
        return new Execution(
                second(1),
                1,
                List.of(
                        new NodeTime("1", "Loader", null, second(1), true, 0, 0),
                        new NodeTime("2", "KSampler", second(2), second(5), false, 20, 20),
                        new NodeTime("3", "SaveImage", second(5), null, false, 0, 0)),
                0);
    }

    @Test
    void collectsTheNodesOfARun() {
        ExecutionNotes notes = new ExecutionNotes();
        story().forEach(notes::note);
        assertThat(notes.toExecution()).isEqualTo(whole());
    }

    @Test
    void isNotChangedByRepeatedReports() {
        ExecutionNotes notes = new ExecutionNotes();
        story().forEach(notes::note);
        story().forEach(notes::note);
        assertThat(notes.toExecution()).isEqualTo(whole());
    }

    @Test
    void continuesWhatAnotherReplicaStoredWhereverItStopped() {
        for (int at = 1; at < story().size(); at++) {
            ExecutionNotes before = new ExecutionNotes();
            story().subList(0, at).forEach(before::note);
            ExecutionNotes after = new ExecutionNotes();
            // Some are delivered to both.
            story().subList(Math.max(0, at - 2), story().size()).forEach(after::note);
            after.merge(before.toExecution());
            assertThat(after.isWhole()).isTrue();
            assertThat(after.toExecution()).as("cut at %s", at).isEqualTo(whole());
        }
    }

    @Test
    void noticesWhenSomeReportsWentElsewhere() {
        ExecutionNotes notes = new ExecutionNotes();
        notes.expect(1, 0);
        notes.expect(2, 1);
        notes.expect(2, 2);
        assertThat(notes.isWhole()).isTrue();
        notes.expect(4, 2);
        assertThat(notes.isWhole()).isFalse();
        notes.merge(null);
        assertThat(notes.isWhole()).isTrue();
    }

    @Test
    void keepsTheFirstFiveHundredNodesAndCountsTheOthers() {
        ExecutionNotes notes = new ExecutionNotes();
        for (int i = 0; i < 600; i++) {
            notes.note(new AttemptReport.NodeStarted(ATTEMPT, 2 * i + 1, second(i), "n" + i, "X", COUNT));
            notes.note(new AttemptReport.NodeFinished(ATTEMPT, 2 * i + 2, second(i), "n" + i, "X", false, COUNT));
        }
        assertThat(notes.toExecution().nodes())
                .hasSize(500)
                .allSatisfy(node -> assertThat(node.endedAt()).isNotNull());
        assertThat(notes.toExecution().leftOut()).isEqualTo(100);
    }
}
