package dev.comfygateway.gateway.progress;

import static dev.comfygateway.gateway.progress.JobNews.attempt;
import static dev.comfygateway.gateway.progress.JobNews.canceled;
import static dev.comfygateway.gateway.progress.JobNews.node;
import static dev.comfygateway.gateway.progress.JobNews.progress;
import static dev.comfygateway.gateway.progress.JobNews.requeued;
import static dev.comfygateway.gateway.progress.JobNews.submitted;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What waits for one client, and what is dropped of it, without a client. */
class JobBacklogTests {

    private final JobBacklog backlog = new JobBacklog(1000, Duration.ofMillis(250));

    @Test
    void keepsTheNewestReportsThatOvertookTheStartOfTheirAttempt() {
        backlog.prime(new JobHistory(List.of(submitted()), false), 0);
        for (long n = 1; n <= 300; n++) {
            assertThat(backlog.add(node(1, n))).isFalse();
        }
        backlog.add(attempt(2, 1));

        assertThat(reports(take(0)))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(45, 300).boxed().toList());
    }

    @Test
    void leavesReportsOfALaterAttemptUntilThatOneStarts() {
        started();
        backlog.add(node(2, 1));
        backlog.add(requeued(3, 1));
        assertThat(reports(take(0))).isEmpty();

        backlog.add(attempt(4, 2));
        assertThat(reports(take(0))).containsExactly(1L);
    }

    @Test
    void tellsProgressBeforeTheNodeThatFollowedIt() {
        started();
        backlog.add(progress(1, 1));
        assertThat(reports(take(0))).containsExactly(1L);
        backlog.add(progress(1, 2));
        backlog.add(progress(1, 3));
        // Before its time.
        assertThat(take(249)).isEmpty();
        backlog.add(node(1, 4));

        assertThat(reports(take(249))).containsExactly(3L, 4L);
    }

    @Test
    void forgetsProgressThatWaitsWhenItsAttemptIsOver() {
        started();
        backlog.add(progress(1, 1));
        assertThat(backlog.hasProgress()).isTrue();
        backlog.add(requeued(3, 1));

        assertThat(backlog.hasProgress()).isFalse();
        assertThat(reports(take(1000))).isEmpty();
    }

    @Test
    void knowsOfNothingAfterTheOutcome() {
        started();
        backlog.add(canceled(3));
        assertThat(backlog.isEnded()).isTrue();
        assertThat(backlog.isFinished()).isFalse();
        assertThat(backlog.add(node(1, 1))).isFalse();
        assertThat(backlog.add(node(2, 1))).isFalse();
        assertThat(backlog.add(canceled(3))).isFalse();

        assertThat(take(0)).containsExactly(new StreamItem.Change(canceled(3)));
        assertThat(backlog.isFinished()).isTrue();
    }

    @Test
    void needsNoSignOfLifeWhileSomethingWaits() {
        started();
        backlog.add(node(1, 1));
        backlog.addHeartbeat();
        assertThat(take(0)).doesNotHaveAnyElementsOfTypes(StreamItem.Heartbeat.class);

        backlog.addHeartbeat();
        backlog.addHeartbeat();
        assertThat(take(0)).containsExactly(new StreamItem.Heartbeat());
    }

    /** The first attempt runs, and the client knows that. */
    private void started() {
        backlog.prime(new JobHistory(List.of(submitted(), attempt(2, 1)), false), 2);
        assertThat(take(0)).isEmpty();
    }

    private List<StreamItem> take(long nowMillis) {
        List<StreamItem> items = new ArrayList<>();
        StreamItem item = backlog.poll(nowMillis);
        while (item != null) {
            items.add(item);
            item = backlog.poll(nowMillis);
        }
        return items;
    }

    private static List<Long> reports(List<StreamItem> items) {
        return items.stream()
                .filter(StreamItem.Report.class::isInstance)
                .map(item -> ((StreamItem.Report) item).report().n())
                .toList();
    }
}
