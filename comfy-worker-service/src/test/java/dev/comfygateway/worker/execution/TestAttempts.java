package dev.comfygateway.worker.execution;

import static org.mockito.Mockito.mock;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.output.InputLoader;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.OutputStore;
import dev.comfygateway.worker.output.SharedFolder;
import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.output.StorageClient;
import dev.comfygateway.worker.reporting.PreviewPublisher;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.settings.OutputProperties;
import dev.comfygateway.worker.settings.PeerProperties;
import dev.comfygateway.worker.settings.WorkerIdentity;
import dev.comfygateway.worker.testing.FakePlatform;
import dev.comfygateway.worker.testing.RecordingReporter;
import dev.comfygateway.worker.testing.TestBackends;
import io.micrometer.observation.ObservationRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.util.unit.DataSize;

/** Does the whole work of attempts against one backend, with a fake of the platform around it. */
final class TestAttempts implements AutoCloseable {

    @SuppressWarnings("unchecked") // previews that nobody watches are not sent
    private static final KafkaOperations<String, byte[]> NOWHERE = mock(KafkaOperations.class);

    final FakePlatform platform = new FakePlatform();
    final RecordingReporter reporter = new RecordingReporter();
    final Backend backend;
    private final AttemptWork.Tools tools;

    TestAttempts(Backend backend) {
        this(backend, TestBackends.FAST);
    }

    TestAttempts(Backend backend, ExecutionProperties settings) {
        this.backend = backend;
        this.tools = tools(platform, settings);
    }

    static AttemptWork.Tools tools(FakePlatform platform, ExecutionProperties settings) {
        Spool spool = TestBackends.spool();
        StorageClient storage = new StorageClient(
                TestBackends.http(),
                new PeerProperties(platform.url().toString(), platform.url().toString(), Duration.ofSeconds(10)),
                TestBackends.properties("http://localhost"));
        return new AttemptWork.Tools(
                new InputLoader(storage, spool),
                new OutputFetcher(spool),
                new OutputStore(
                        storage,
                        new OutputProperties(Path.of("target"), DataSize.ofMegabytes(1), Duration.ofSeconds(5), null)),
                new PreviewPublisher(
                        NOWHERE, new EventCodec(), Clock.systemUTC(), new WorkerIdentity("w", "i", "default")),
                new SharedFolder(
                        new OutputProperties(Path.of("target"), DataSize.ofMegabytes(1), Duration.ofSeconds(5), null)),
                settings,
                new AttemptSteps(ObservationRegistry.NOOP));
    }

    @Override
    public void close() {
        platform.close();
        backend.socket().close();
    }

    static Grant grant(String tenant, Map<String, Object> graph, List<Grant.InputAsset> inputs, boolean partial) {
        return grant(tenant, graph, inputs, partial, 20);
    }

    private static Grant grant(
            String tenant, Map<String, Object> graph, List<Grant.InputAsset> inputs, boolean partial, int seconds) {
        return grant(tenant, graph, inputs, partial, new Grant.Limits(seconds, seconds, 3 * seconds));
    }

    private static Grant grant(
            String tenant,
            Map<String, Object> graph,
            List<Grant.InputAsset> inputs,
            boolean partial,
            Grant.Limits limits) {
        return new Grant(
                "job_1",
                UUID.randomUUID().toString(),
                1,
                tenant,
                graph,
                inputs,
                limits,
                30,
                "ticket",
                partial,
                false,
                null,
                null);
    }

    /** @param seconds how long its like have taken, or null when that is not known */
    static Grant grant(Map<String, Object> graph, boolean freeMemoryFirst, @Nullable Double seconds) {
        return new Grant(
                "job_1",
                UUID.randomUUID().toString(),
                1,
                "a",
                graph,
                List.of(),
                new Grant.Limits(20, 20, 60),
                30,
                "ticket",
                false,
                freeMemoryFirst,
                seconds,
                null);
    }

    Attempt attempt(String tenant, Map<String, Object> graph) {
        return new Attempt(grant(tenant, graph, List.of(), false), backend);
    }

    /** @param seconds how long it may wait for its start, and for progress */
    Attempt attempt(String tenant, Map<String, Object> graph, int seconds) {
        return new Attempt(grant(tenant, graph, List.of(), false, seconds), backend);
    }

    Attempt attempt(String tenant, Map<String, Object> graph, Grant.Limits limits) {
        return new Attempt(grant(tenant, graph, List.of(), false, limits), backend);
    }

    /** Blocks until the outputs are stored; the reports of the attempt are in {@link #reporter} then. */
    List<JobOutput> produce(Attempt attempt) throws InterruptedException {
        reporter.reports.clear();
        AttemptWork work = new AttemptWork(attempt, reporter, tools);
        attempt.backend().slot().tryPrepare(Duration.ofHours(1));
        attempt.backend().slot().beginPrepare();
        try {
            work.produce();
        } finally {
            work.releaseAll();
            work.forgetPrompts();
        }
        AttemptReport last = reporter.reports.getLast();
        return ((AttemptReport.AttemptSucceeded) last).outputs();
    }

    List<JobOutput> produce(String tenant, Map<String, Object> graph) throws InterruptedException {
        return produce(attempt(tenant, graph));
    }

    byte[] bytes(JobOutput output) {
        return Objects.requireNonNull(platform.objects.get(output.assetId()));
    }

    <T extends AttemptReport> List<T> reports(Class<T> type) {
        return reporter.reports.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
