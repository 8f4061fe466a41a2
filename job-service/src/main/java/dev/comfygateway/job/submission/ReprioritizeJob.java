package dev.comfygateway.job.submission;

import dev.comfygateway.contract.job.Priority;
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

/** Moves a waiting job to another class of the queue. */
@Component
public class ReprioritizeJob {

    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;

    ReprioritizeJob(DetachedTransactions transactions, JobTable jobs, JobTransitions transitions) {
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
    }

    /** How it ends. */
    public enum Result {
        /** It waits in that class. */
        DONE,
        /** It does not wait any more. */
        NOT_WAITING
    }

    /** Empty when the caller sees no such job. */
    public Mono<Result> handle(String id, Priority wanted, Caller caller) {
        return transactions.run(jobs.lock(id)
                .filter(locked -> caller.maySee(locked.job().tenant()))
                .flatMap(locked -> transitions.apply(locked, new JobTrigger.Reprioritized(wanted)))
                .map(decision -> switch (decision) {
                    case Changed _ -> Result.DONE;
                    case Unchanged(Job job, Reason _) ->
                        job.state() instanceof JobState.Queued ? Result.DONE : Result.NOT_WAITING;
                }));
    }
}
