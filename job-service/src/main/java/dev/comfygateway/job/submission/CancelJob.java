package dev.comfygateway.job.submission;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Reason;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import dev.comfygateway.job.lifecycle.JobState;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Cancels a job: at once while it waits, by way of its worker while it runs. */
@Component
public class CancelJob {

    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;

    CancelJob(DetachedTransactions transactions, JobTable jobs, JobTransitions transitions) {
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
    }

    /** How a cancel ends. */
    public enum Result {
        /** It is canceled or on the way there. */
        DONE,
        /** It ended otherwise before. */
        TOO_LATE
    }

    /** Empty when the caller sees no such job. */
    public Mono<Result> handle(String id, Caller caller) {
        return transactions.run(jobs.lock(id)
                .filter(locked -> caller.maySee(locked.job().tenant()))
                .flatMap(locked -> transitions.apply(locked, new JobTrigger.CancelRequested()))
                .map(decision -> switch (decision) {
                    case Changed _ -> Result.DONE;
                    case Unchanged(Job job, Reason _) ->
                        job.state() instanceof JobState.Canceled || job.state() instanceof JobState.Canceling
                                ? Result.DONE
                                : Result.TOO_LATE;
                }));
    }
}
