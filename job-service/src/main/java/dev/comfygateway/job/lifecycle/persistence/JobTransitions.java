package dev.comfygateway.job.lifecycle.persistence;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobEvent.JobCancelRequested;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.JobReprioritized;
import dev.comfygateway.contract.job.JobEvent.JobRequeued;
import dev.comfygateway.contract.job.JobEvent.JobStarted;
import dev.comfygateway.contract.job.JobEvent.JobSubmitted;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.offer.JobOffered;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.id.Ids;
import dev.comfygateway.job.lifecycle.AttemptHold;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobDecision;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import dev.comfygateway.job.lifecycle.JobState;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.RetryRules;
import dev.comfygateway.job.outbox.OutboxAppender;
import dev.comfygateway.job.scheduling.QueueLanes;
import dev.comfygateway.job.transaction.WriteSet;
import dev.comfygateway.job.usage.UsageTable;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.LoggedTrace;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Makes decisions durable: the job's row, the end of its attempt, its numbered events and what is told to others, all
 * in the caller's transaction.
 */
@Component
public class JobTransitions {

    private static final Logger log = LoggerFactory.getLogger(JobTransitions.class);
    private static final String SOURCE = "/job-service";

    private final DatabaseClient database;
    private final JobTable jobs;
    private final OutboxAppender outbox;
    private final UsageTable usage;
    private final QueueLanes lanes;
    private final EventCodec codec;
    private final MeterRegistry meters;
    private final RetryRules rules;

    JobTransitions(
            DatabaseClient database,
            JobTable jobs,
            OutboxAppender outbox,
            UsageTable usage,
            QueueLanes lanes,
            EventCodec codec,
            MeterRegistry meters,
            RetryRules rules) {
        this.database = database;
        this.jobs = jobs;
        this.outbox = outbox;
        this.usage = usage;
        this.lanes = lanes;
        this.codec = codec;
        this.meters = meters;
        this.rules = rules;
    }

    /** Writes a new job. */
    public Mono<Void> insert(Changed submitted, JobContent content) {
        return insert(submitted, content, null);
    }

    /** Writes a new job that takes the place of another one, or of none. */
    public Mono<Void> insert(Changed submitted, JobContent content, @Nullable String requeuedFrom) {
        Job job = submitted.next();
        WriteSet writes = new WriteSet();
        jobs.insert(writes, job, content, requeuedFrom);
        return record(writes, submitted, job.createdAt()).then();
    }

    /** Decides and writes what follows from the trigger. The job's row is locked by this transaction. */
    public Mono<JobDecision> apply(JobReading locked, JobTrigger trigger) {
        return apply(locked, trigger, new WriteSet(), null);
    }

    /**
     * Gives the job to a worker if it still is as it was read, which takes one statement and no lock before it; empty when
     * it is not, or when somebody decides about it just now.
     *
     * @param read the job and when that was
     * @param claimId claims with the same id follow one another
     * @param with adds what is written in the same statement
     */
    public Mono<JobDecision> grant(
            JobReading read, JobTrigger.Granted trigger, String claimId, Consumer<WriteSet> with) {
        WriteSet writes = JobTable.ifStillQueued(read.job(), claimId);
        with.accept(writes);
        return apply(read, trigger, writes, null);
    }

    /** The same for the last word about an attempt, with what is to be stored of its run; null leaves what is stored. */
    public Mono<JobDecision> end(JobReading locked, JobTrigger.OfAttempt trigger, @Nullable String execution) {
        return apply(locked, trigger, new WriteSet(), execution);
    }

    private Mono<JobDecision> apply(
            JobReading locked, JobTrigger trigger, WriteSet writes, @Nullable String execution) {
        JobDecision decision = locked.job().on(trigger, locked.now(), rules);
        return switch (decision) {
            case Unchanged unchanged -> Mono.just(unchanged);
            case Changed changed -> {
                jobs.update(writes, changed.next(), locked.now());
                endAttempt(writes, locked, changed, trigger, execution);
                charge(writes, locked, changed, trigger);
                if (isForOperator(changed.next())) {
                    writes.add("insert into jobs.dead_letter (job_id) values (:deadLetter)")
                            .bind("deadLetter", changed.next().id());
                }
                if (trigger instanceof JobTrigger.TimeUp) {
                    // Its worker still has the attempt and does not know that it has ended.
                    stop(writes, locked.job(), locked.job().state().hold(), locked.now());
                }
                yield record(writes, changed, locked.now())
                        .filter(written -> written)
                        .map(written -> decision);
            }
        };
    }

    private static boolean isForOperator(Job job) {
        return job.state() instanceof JobState.Failed failed && failed.isForOperator();
    }

    private static void endAttempt(
            WriteSet writes, JobReading locked, Changed changed, JobTrigger trigger, @Nullable String execution) {
        AttemptHold before = locked.job().state().hold();
        AttemptHold after = changed.next().state().hold();
        if (before != null && !before.equals(after)) {
            writes.add("""
                            update jobs.attempt set ended_at = :now, end_reason = :endReason,
                                execution = coalesce(:execution, execution)
                            where id = :endedAttempt
                            """)
                    .bind("execution", execution, String.class)
                    .bind("now", locked.now())
                    .bind("endReason", reason(trigger))
                    .bind("endedAttempt", before.attemptId());
        }
    }

    /** What the attempt has cost its tenant; only a success says how long the prompt takes. */
    private void charge(WriteSet writes, JobReading locked, Changed changed, JobTrigger trigger) {
        Job job = locked.job();
        if (job.state().hold() == null
                || Objects.equals(job.state().hold(), changed.next().state().hold())) {
            return;
        }
        Instant started = job.startedAt() == null ? locked.now() : job.startedAt();
        // A run that its owner stops is the owner's, however the worker says that it has ended.
        double held = job.state() instanceof JobState.Running && isOurFault(trigger)
                ? 0
                : Duration.between(started, locked.now()).toMillis() / 1000.0;
        Long executed = changed.next().state() instanceof JobState.Succeeded success ? success.executionTimeMs() : null;
        usage.charge(writes, job.pool(), job.tenant(), executed == null ? held : executed / 1000.0, locked.now());
        if (executed != null) {
            usage.learn(writes, job.id(), executed / 1000.0);
        }
    }

    /** A tenant does not pay for a worker, a server or a store that failed. */
    private static boolean isOurFault(JobTrigger trigger) {
        return switch (trigger) {
            case JobTrigger.WorkerLost _, JobTrigger.Stopped _ -> true;
            case JobTrigger.Failed failed ->
                switch (failed.failure().category()) {
                    case BACKEND_LOST, WORKER_LOST, STORAGE, EVICTED, INTERNAL -> true;
                    case VALIDATION, NODE_ERROR, OUT_OF_MEMORY, TIMEOUT, CANCELED -> false;
                };
            case JobTrigger.Succeeded _,
                    JobTrigger.Granted _,
                    JobTrigger.CancelRequested _,
                    JobTrigger.CancelOverdue _,
                    JobTrigger.Reprioritized _,
                    JobTrigger.TimeUp _ -> false;
        };
    }

    private static String reason(JobTrigger trigger) {
        return switch (trigger) {
            case JobTrigger.Succeeded _ -> "SUCCEEDED";
            case JobTrigger.Failed failed -> failed.failure().code().name();
            case JobTrigger.Stopped _ -> "STOPPED";
            case JobTrigger.WorkerLost _ -> "WORKER_LOST";
            case JobTrigger.CancelOverdue _ -> "CANCEL_OVERDUE";
            case JobTrigger.CancelRequested _ -> "CANCELED";
            case JobTrigger.TimeUp _ -> ErrorCode.COMFYUI_TIMEOUT.name();
            case JobTrigger.Granted _, JobTrigger.Reprioritized _ -> "SUPERSEDED";
        };
    }

    private Mono<Boolean> record(WriteSet writes, Changed changed, Instant now) {
        Job job = changed.next();
        JobEvent event = changed.event();
        insertEvent(writes, event);
        outbox.append(writes, topic(event), envelope(event.jobId() + ":" + event.seq(), job, event));
        tellWorkers(writes, job, event, now);
        if (job.state() instanceof JobState.Queued queued) {
            lanes.add(job.pool(), job.tenant(), JobTable.rank(job, queued), now);
        }
        return writes.execute(database).doOnNext(written -> {
            if (written) {
                note(job, event);
            }
        });
    }

    private void insertEvent(WriteSet writes, JobEvent event) {
        EventEnvelope<JobEvent> bare = new EventEnvelope<>(
                "-", EventCatalog.typeOf(event), SOURCE, event.jobId(), event.at(), null, null, event);
        writes.insert("jobs.job_event (job_id, seq, type, data, at)", ":id, :seq, :eventType, :eventData, :eventAt")
                .bind("id", event.jobId())
                .bind("seq", event.seq())
                .bind("eventType", bare.type().toString())
                .bind("eventData", new String(codec.encode(bare).value(), StandardCharsets.UTF_8))
                .bind("eventAt", event.at());
    }

    private static String topic(JobEvent event) {
        return event instanceof JobOutcome ? Topics.JOBS_COMPLETED : Topics.JOBS_PROGRESS;
    }

    private void tellWorkers(WriteSet writes, Job job, JobEvent event, Instant now) {
        switch (event) {
            case JobSubmitted _ -> offer(writes, job, now);
            // Later ones are offered when they are due.
            case JobRequeued requeued when !requeued.notBefore().isAfter(now) -> offer(writes, job, now);
            case JobCancelRequested _ -> stop(writes, job, job.state().hold(), now);
            case JobRequeued _, JobReprioritized _, JobStarted _, JobOutcome _ -> {}
        }
    }

    /** Tells the job's pool that there is work, beginning with it. */
    public Mono<Void> offer(Job job, Instant now) {
        WriteSet writes = new WriteSet();
        offer(writes, job, now);
        return writes.execute(database).then();
    }

    private void offer(WriteSet writes, Job job, Instant now) {
        outbox.append(
                writes,
                Topics.requested(job.pool()),
                envelope(Ids.newEventId(), job, new JobOffered(job.id(), job.pool(), now)));
    }

    private void stop(WriteSet writes, Job job, @Nullable AttemptHold hold, Instant now) {
        if (hold != null) {
            outbox.append(
                    writes,
                    Topics.JOBS_CONTROL,
                    envelope(
                            Ids.newEventId(),
                            job,
                            new AttemptStopRequested(job.id(), hold.attemptId(), hold.workerId(), now)));
        }
    }

    private static <T extends EventData> EventEnvelope<T> envelope(String id, Job job, T data) {
        Instant at = switch (data) {
            case JobEvent event -> event.at();
            case JobOffered offered -> offered.at();
            case AttemptStopRequested stop -> stop.at();
            default -> throw new IllegalArgumentException("Not an event of ours: " + data.getClass());
        };
        return new EventEnvelope<>(
                id, EventCatalog.typeOf(data), SOURCE, job.id(), at, job.tenant(), job.traceparent(), data);
    }

    private void note(Job job, JobEvent event) {
        // Whoever moved it, the line belongs to the trace that the job was submitted in.
        try (LoggedTrace _ = LoggedTrace.of(job.traceparent())) {
            log.atInfo()
                    .addKeyValue(LogKeys.JOB_ID, job.id())
                    .addKeyValue(LogKeys.TENANT_ID, job.tenant())
                    .addKeyValue(LogKeys.ATTEMPT_NUMBER, job.attempts())
                    .log("Job is {} (event {})", event.status(), event.seq());
        }
        if (isForOperator(job)) {
            meters.counter(MetricNames.JOB_DEAD_LETTER).increment();
        }
        switch (event) {
            case JobSubmitted _ ->
                meters.counter(MetricNames.JOB_SUBMITTED, "pool", job.pool()).increment();
            case JobStarted started
            when started.attempt() == 1 ->
                meters.timer(MetricNames.JOB_QUEUE_TIME, "pool", job.pool())
                        .record(Duration.between(job.createdAt(), started.at()));
            case JobOutcome outcome ->
                meters.timer(
                                MetricNames.JOB_DURATION,
                                "outcome",
                                outcome.status().toString())
                        .record(Duration.between(job.createdAt(), outcome.at()));
            case JobStarted _, JobRequeued _, JobReprioritized _, JobCancelRequested _ -> {}
        }
    }
}
