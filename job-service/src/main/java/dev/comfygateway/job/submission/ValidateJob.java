package dev.comfygateway.job.submission;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.comfygateway.job.needs.Needs;
import dev.comfygateway.job.needs.NeedsMatcher.Missing;
import dev.comfygateway.job.needs.Runnability;
import dev.comfygateway.job.submission.QueueView.Seconds;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Says where a job could run and when it would be done, without making it. */
@Component
public class ValidateJob {

    private final Demands demands;
    private final Runnability runnability;
    private final QueuePlaces places;
    private final SubmissionProperties properties;

    ValidateJob(Demands demands, Runnability runnability, QueuePlaces places, SubmissionProperties properties) {
        this.demands = demands;
        this.runnability = runnability;
        this.places = places;
        this.properties = properties;
    }

    /**
     * The answer.
     *
     * @param runnable whether some pool has, or may yet get, a worker for it
     * @param pools every pool
     */
    public record Verdict(boolean runnable, List<PoolVerdict> pools) {}

    /**
     * What one pool can do for the job.
     *
     * @param runnable false only when every known worker lacks something
     * @param ableWorkers workers that take work now and lack nothing
     * @param missing what the nearest worker lacks, or null
     * @param doneSeconds until it would be done; missing when no worker could take it now
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record PoolVerdict(
            String pool,
            boolean runnable,
            int ableWorkers,
            @Nullable Missing missing,
            @Nullable Seconds doneSeconds) {}

    public Mono<Verdict> handle(SubmitJobCommand command) {
        return Flux.fromIterable(properties.pools())
                .concatMap(pool -> pool(command.inPool(pool)))
                .collectList()
                .map(pools -> new Verdict(pools.stream().anyMatch(PoolVerdict::runnable), pools));
    }

    private Mono<PoolVerdict> pool(SubmitJobCommand command) {
        Needs needs = demands.needs(command);
        Missing missing = demands.missing(command, needs).orElse(null);
        int able = runnability.able(command.pool(), needs);
        PoolVerdict without = new PoolVerdict(command.pool(), missing == null, able, missing, null);
        if (able == 0) {
            return Mono.just(without);
        }
        return demands.estimate(command, needs)
                .flatMap(estimate -> places.ofNew(command.pool(), command.tenant(), command.priority(), estimate))
                .map(done -> new PoolVerdict(command.pool(), true, able, null, done))
                .defaultIfEmpty(without);
    }
}
