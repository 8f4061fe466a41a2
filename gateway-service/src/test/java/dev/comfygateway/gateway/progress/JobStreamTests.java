package dev.comfygateway.gateway.progress;

import static dev.comfygateway.gateway.progress.JobNews.attempt;
import static dev.comfygateway.gateway.progress.JobNews.canceled;
import static dev.comfygateway.gateway.progress.JobNews.node;
import static dev.comfygateway.gateway.progress.JobNews.progress;
import static dev.comfygateway.gateway.progress.JobNews.reprioritized;
import static dev.comfygateway.gateway.progress.JobNews.submitted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.job.JobEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import org.springframework.http.codec.ServerSentEvent;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;
import tools.jackson.databind.json.JsonMapper;

/** The order and the losses of one stream, on virtual time. */
class JobStreamTests {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<JobEvent> stored = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final StreamProperties properties = new StreamProperties(
            Duration.ofSeconds(15),
            Duration.ofMillis(250),
            100,
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(60));
    private final JobStream stream = new JobStream(
            "j", properties, after -> Mono.fromSupplier(() -> history(after)), time, null, () -> closed.set(true));

    @AfterEach
    void endTime() {
        time.dispose();
    }

    @Test
    void tellsOfAnotherPriorityInItsPlace() {
        Client client = new Client();
        stored.add(submitted());
        stream.prime(history(0), 0);
        stream.items().subscribe(client);
        client.request(Long.MAX_VALUE);
        stream.onChange(attempt(3, 1));
        stream.onChange(reprioritized(2));

        assertThat(client.items).hasSize(3);
        ServerSentEvent<String> told = new SseForm(JsonMapper.shared()).write(client.items.get(1));
        assertThat(told.event()).isEqualTo("reprioritized");
        assertThat(told.id()).isEqualTo("2");
        assertThat(told.data()).contains("\"status\":\"queued\"").contains("\"priority\":\"high\"");
    }

    @Test
    void asksForPreviewsWhileAnAttemptRunsAndPassesTheNewestOn() {
        AtomicInteger asked = new AtomicInteger();
        JobStream watching = new JobStream(
                "j",
                properties,
                after -> Mono.fromSupplier(() -> history(after)),
                time,
                () -> Mono.fromRunnable(asked::incrementAndGet),
                () -> {});
        Client client = new Client();
        Client deaf = new Client();
        stored.add(submitted());
        watching.prime(history(0), 0);
        watching.items().subscribe(client);
        stream.prime(history(0), 0);
        stream.items().subscribe(deaf);
        deaf.request(Long.MAX_VALUE);
        time.advanceTimeBy(Duration.ofSeconds(16));
        assertThat(asked).as("nothing runs yet").hasValue(0);

        for (JobStream each : List.of(watching, stream)) {
            each.onChange(attempt(2, 1));
            each.onPreview(preview("at_0", "other"));
            each.onPreview(preview("at_1", "first"));
            each.onPreview(preview("at_1", "second"));
        }
        stored.add(attempt(2, 1));
        client.request(Long.MAX_VALUE);
        time.advanceTimeBy(Duration.ofSeconds(31));

        assertThat(client.previews()).containsExactly("second");
        assertThat(deaf.previews()).isEmpty();
        assertThat(asked).as("at the start and with each heartbeat").hasValue(3);
        watching.onChange(canceled(3));
        watching.onPreview(preview("at_1", "late"));
        assertThat(client.previews()).containsExactly("second");
    }

    private static PreviewShown preview(String attemptId, String image) {
        return new PreviewShown(new AttemptRef("j", attemptId, 1, "w"), Instant.EPOCH, "3", "image/jpeg", image);
    }

    @Test
    void aSlowClientLosesReportsButNoStateChange() {
        Client client = new Client();
        live(submitted());
        stream.prime(history(0), 0);
        stream.items().subscribe(client);
        long seq = 1;
        for (int attempt = 1; attempt <= 20; attempt++) {
            live(attempt(++seq, attempt));
            for (int n = 1; n <= 50; n++) {
                stream.onReport(node(attempt, n));
            }
        }
        live(canceled(++seq));

        assertThat(client.items).isEmpty();
        client.request(Long.MAX_VALUE);
        assertThat(client.changes()).hasSize(22).isSorted();
        assertThat(client.items.stream().filter(StreamItem.Report.class::isInstance))
                .hasSize(100);
        assertThat(client.completed).isTrue();
        assertThat(closed).isTrue();
    }

    @Test
    void keepsTheNewestProgressAndNoMoreThanFourASecond() {
        Client client = started();
        for (int n = 1; n <= 100; n++) {
            stream.onReport(progress(1, n));
            time.advanceTimeBy(Duration.ofMillis(10));
        }
        time.advanceTimeBy(Duration.ofMillis(250));
        List<Long> numbers = client.items.stream()
                .filter(StreamItem.Report.class::isInstance)
                .map(item -> ((StreamItem.Report) item).report().n())
                .toList();
        assertThat(numbers).hasSizeBetween(4, 6).isSorted().endsWith(100L);
    }

    @Test
    void repeatedAndOldReportsChangeNothing() {
        Client client = started();
        stream.onReport(node(1, 5));
        stream.onReport(node(1, 5));
        stream.onReport(node(1, 4));
        assertThat(client.items.stream().filter(StreamItem.Report.class::isInstance))
                .hasSize(1);
    }

    @Test
    void putsChangesInOrderAndFetchesTheMissingOnes() {
        Client client = started();
        stored.add(new JobEvent.JobCancelRequested("j", 3, JobNews.AT));
        live(canceled(4));
        time.advanceTimeBy(Duration.ofMillis(1));
        assertThat(client.changes()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(client.completed).isTrue();
    }

    @Test
    void aNumberNobodyGaveOutHidesNothing() {
        live(submitted());
        stream.prime(history(0), 99);
        Client client = new Client();
        stream.items().subscribe(client);
        client.request(Long.MAX_VALUE);
        live(canceled(2));
        assertThat(client.changes()).containsExactly(2L);
    }

    @Test
    void beatsWhileNothingHappensAndFindsWhatWasLost() {
        Client client = started();
        stored.add(canceled(3));
        time.advanceTimeBy(Duration.ofSeconds(15));
        assertThat(client.items).hasAtLeastOneElementOfType(StreamItem.Heartbeat.class);
        assertThat(client.changes()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void closesWhenNobodySubscribes() {
        stream.prime(history(0), 0);
        time.advanceTimeBy(Duration.ofSeconds(31));
        assertThat(closed).isTrue();
    }

    private Client started() {
        live(submitted());
        live(attempt(2, 1));
        stream.prime(history(0), 0);
        Client client = new Client();
        stream.items().subscribe(client);
        client.request(Long.MAX_VALUE);
        return client;
    }

    private void live(JobEvent event) {
        stored.add(event);
        stream.onChange(event);
    }

    private JobHistory history(long after) {
        List<JobEvent> events =
                stored.stream().filter(event -> event.seq() > after).toList();
        return new JobHistory(
                events, !stored.isEmpty() && stored.getLast().status().isTerminal());
    }

    /** Asks for nothing until told to. */
    private static final class Client extends BaseSubscriber<StreamItem> {

        private final List<StreamItem> items = new ArrayList<>();
        private boolean completed;

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // Nothing yet.
        }

        @Override
        protected void hookOnNext(StreamItem item) {
            items.add(item);
        }

        @Override
        protected void hookOnComplete() {
            completed = true;
        }

        private List<Long> changes() {
            return items.stream()
                    .filter(StreamItem.Change.class::isInstance)
                    .map(item -> ((StreamItem.Change) item).event().seq())
                    .toList();
        }

        private List<String> previews() {
            return items.stream()
                    .filter(StreamItem.Preview.class::isInstance)
                    .map(item -> ((StreamItem.Preview) item).preview().image())
                    .toList();
        }
    }
}
