package dev.comfygateway.gateway.progress;

import dev.comfygateway.edge.Caller;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Opens streams: live first, then history, so that nothing falls between the two. */
@Component
final class JobStreams {

    private final JobStreamHub hub;
    private final JobClient jobs;
    private final StreamProperties properties;

    JobStreams(JobStreamHub hub, JobClient jobs, StreamProperties properties) {
        this.hub = hub;
        this.jobs = jobs;
        this.properties = properties;
    }

    /**
     * The job's items after {@code after}, or empty when it has ended and the client has seen the end. Fails, before
     * anything is sent, when the caller may not see the job or job-service is away.
     *
     * @param previews whether pictures of running nodes are wanted as well
     */
    Mono<Optional<Flux<StreamItem>>> open(String jobId, long after, boolean previews, Caller caller) {
        return Mono.defer(() -> {
            JobStream[] self = new JobStream[1];
            JobStream stream = new JobStream(
                    jobId,
                    properties,
                    seq -> jobs.history(jobId, seq, caller),
                    Schedulers.parallel(),
                    previews ? () -> jobs.watchPreviews(jobId, caller) : null,
                    () -> hub.detach(self[0]));
            self[0] = stream;
            hub.attach(stream);
            return jobs.history(jobId, 0, caller)
                    .map(known -> {
                        if (known.terminal() && after >= known.lastSeq()) {
                            stream.close();
                            return Optional.<Flux<StreamItem>>empty();
                        }
                        stream.prime(known, after);
                        return Optional.of(stream.items());
                    })
                    .doOnError(error -> stream.close())
                    .doOnCancel(stream::close);
        });
    }

    /** Completes with true when the job has ended, with false when it did not within the time. */
    Mono<Boolean> awaitEnd(String jobId, Caller caller, Duration time) {
        return open(jobId, 0, false, caller)
                .flatMapMany(items -> items.orElseGet(Flux::empty))
                .then(Mono.just(true))
                .timeout(time, Mono.just(false));
    }
}
