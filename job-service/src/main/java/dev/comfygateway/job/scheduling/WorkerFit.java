package dev.comfygateway.job.scheduling;

import java.util.Collection;
import java.util.Set;
import reactor.core.publisher.Mono;

/** What a claiming worker can run and what it has loaded. */
public interface WorkerFit {

    /** Who it is. */
    String workerId();

    /** The worker, when others could take what it has failed at; else an empty text. */
    String avoided();

    /** Equal for workers that can run the same jobs. */
    Object kind();

    /** Model files that are loaded now. */
    Set<String> warmModels();

    /** Needs that are known not to be met, so that jobs with them are not even read. */
    Set<String> unmet();

    /** Which of the needs the worker does not meet; what is unknown counts as met. */
    Mono<Set<String>> unmet(Collection<String> needsIds);
}
