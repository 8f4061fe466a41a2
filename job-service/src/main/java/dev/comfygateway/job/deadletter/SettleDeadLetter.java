package dev.comfygateway.job.deadletter;

import dev.comfygateway.id.Ids;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.persistence.JobReading;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** What operators do with a dead letter: give its job another chance, or dismiss it. */
@Component
public class SettleDeadLetter {

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;

    SettleDeadLetter(
            DatabaseClient database, DetachedTransactions transactions, JobTable jobs, JobTransitions transitions) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
    }

    /** The place of the old job that says which one follows it. */
    private record Successor(@Nullable String jobId) {}

    /**
     * Makes a new job with the content of the old one, whose outcome stands, and answers with its id. Repeated, also at
     * once, it answers with the same one. Empty when there is no such dead letter.
     */
    public Mono<String> requeue(String jobId, @Nullable String traceparent) {
        // The old job's lock lets one of several requeue it, and the others see that.
        return transactions.run(jobs.lock(jobId)
                .flatMap(old -> successor(jobId)
                        .flatMap(
                                known -> known.jobId() == null ? follow(old, traceparent) : Mono.just(known.jobId()))));
    }

    /** Forgets the dead letter; whether there was one. */
    public Mono<Boolean> dismiss(String jobId) {
        return database.sql("delete from jobs.dead_letter where job_id = :id")
                .bind("id", jobId)
                .fetch()
                .rowsUpdated()
                .map(rows -> rows > 0);
    }

    private Mono<Successor> successor(String jobId) {
        return database.sql("select j.requeued_as from jobs.job j join jobs.dead_letter d on d.job_id = j.id"
                        + " where j.id = :id")
                .bind("id", jobId)
                .map(row -> new Successor(row.get("requeued_as", String.class)))
                .one();
    }

    private Mono<String> follow(JobReading locked, @Nullable String traceparent) {
        Job old = locked.job();
        Changed again = Job.submit(
                Ids.newJobId(),
                old.tenant(),
                old.pool(),
                old.priority(),
                old.workflowId(),
                old.metadata(),
                old.callbackUrl(),
                traceparent,
                old.limits().again(old.createdAt(), locked.now()),
                locked.now());
        String id = again.next().id();
        return jobs.content(old.id())
                .flatMap(content -> transitions.insert(again, content, old.id()).thenReturn(id))
                .flatMap(done -> database.sql("update jobs.job set requeued_as = :next where id = :id")
                        .bind("next", id)
                        .bind("id", old.id())
                        .fetch()
                        .rowsUpdated())
                .thenReturn(id);
    }
}
