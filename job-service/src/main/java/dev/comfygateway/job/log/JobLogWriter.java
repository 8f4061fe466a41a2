package dev.comfygateway.job.log;

import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.job.log.JobLog.AttemptLog;
import dev.comfygateway.job.log.JobLog.Entry;
import dev.comfygateway.job.log.JobLog.LoggedFailure;
import dev.comfygateway.job.log.JobLog.NodeLog;
import dev.comfygateway.job.report.Execution;
import dev.comfygateway.job.report.NodeTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Puts a log together. Everything that anybody outside could have chosen goes through the redaction. */
final class JobLogWriter {

    private final Redaction redaction;

    JobLogWriter(Redaction redaction) {
        this.redaction = redaction;
    }

    /** An attempt as it is stored, and what its reports told. */
    record AttemptRow(
            int number,
            String workerId,
            Instant grantedAt,
            @Nullable Instant endedAt,
            @Nullable String endReason,
            @Nullable Execution execution,
            @Nullable JsonNode decision) {}

    JobLog write(String jobId, JobStatus status, List<AttemptRow> rows, List<JobEvent> events) {
        List<AttemptLog> attempts =
                rows.stream().map(row -> attempt(row, events)).toList();
        List<Entry> timeline = new ArrayList<>();
        events.forEach(event -> timeline.add(entry(event)));
        attempts.forEach(attempt -> addMilestones(attempt, timeline));
        // Stable: of what is as old, the numbered events stay in their order.
        timeline.sort(Comparator.comparing(Entry::at));
        return new JobLog(jobId, status, attempts, timeline);
    }

    private AttemptLog attempt(AttemptRow row, List<JobEvent> events) {
        Execution execution = row.execution();
        LoggedFailure failure = events.stream()
                .filter(event -> attemptOf(event) == row.number())
                .map(JobLogWriter::failure)
                .filter(Objects::nonNull)
                .findFirst()
                .map(this::logged)
                .orElse(null);
        return new AttemptLog(
                row.number(),
                row.workerId(),
                row.grantedAt(),
                execution == null ? null : execution.startedAt(),
                row.endedAt(),
                row.endReason(),
                failure,
                // Of words of our own and numbers only.
                row.decision(),
                execution == null ? 0 : execution.outputs(),
                execution == null
                        ? List.of()
                        : execution.nodes().stream().map(this::node).toList(),
                execution == null ? 0 : execution.leftOut());
    }

    private NodeLog node(NodeTime node) {
        Instant started = node.startedAt();
        Instant ended = node.endedAt();
        Long duration = started != null && ended != null
                ? (Long) Duration.between(started, ended).toMillis()
                : node.cached() ? (Long) 0L : null;
        String nodeClass = node.nodeClass();
        return new NodeLog(
                redaction.label(node.id()),
                nodeClass == null || nodeClass.isEmpty() ? null : redaction.label(nodeClass),
                started,
                ended,
                duration,
                node.cached(),
                node.step(),
                node.steps());
    }

    private Entry entry(JobEvent event) {
        Failure failure = failure(event);
        int attempt = attemptOf(event);
        return new Entry(
                event.at(),
                event.seq(),
                event instanceof JobEvent.JobRequeued
                        ? "requeued"
                        : event.status().toString(),
                attempt == 0 ? null : (Integer) attempt,
                event instanceof JobEvent.JobStarted started ? started.workerId() : null,
                null,
                failure == null ? null : logged(failure),
                event instanceof JobEvent.JobRequeued requeued ? requeued.notBefore() : null);
    }

    /**
     * Workers' clocks may differ from the database's, but what an attempt did lies within it. Its end goes in front, so
     * that it comes before the event that was written in the same moment because of it.
     */
    private static void addMilestones(AttemptLog attempt, List<Entry> timeline) {
        Instant started = attempt.startedAt();
        Instant ended = attempt.endedAt();
        if (ended != null) {
            timeline.addFirst(new Entry(
                    ended,
                    null,
                    "attempt-ended",
                    attempt.number(),
                    attempt.workerId(),
                    attempt.endReason(),
                    null,
                    null));
        }
        if (started == null) {
            return;
        }
        if (ended != null && started.isAfter(ended)) {
            timeline.addFirst(executing(attempt, ended));
        } else {
            timeline.add(executing(attempt, started.isBefore(attempt.grantedAt()) ? attempt.grantedAt() : started));
        }
    }

    private static Entry executing(AttemptLog attempt, Instant at) {
        return new Entry(at, null, "executing", attempt.number(), null, null, null, null);
    }

    /** Why something went wrong, as far as the event tells of that. */
    static @Nullable Failure failure(JobEvent event) {
        return switch (event) {
            case JobEvent.JobRequeued requeued -> requeued.reason();
            case JobEvent.JobFailed failed -> failed.failure();
            case JobEvent.JobExpired expired -> expired.failure();
            case JobEvent.JobSubmitted _,
                    JobEvent.JobStarted _,
                    JobEvent.JobReprioritized _,
                    JobEvent.JobCancelRequested _,
                    JobEvent.JobSucceeded _,
                    JobEvent.JobCanceled _ -> null;
        };
    }

    /** The attempt an event is about, 0 for none. */
    private static int attemptOf(JobEvent event) {
        return switch (event) {
            case JobEvent.JobStarted started -> started.attempt();
            case JobEvent.JobRequeued requeued -> requeued.attempt();
            case JobEvent.JobFailed failed -> failed.context().attempts();
            case JobEvent.JobSucceeded succeeded -> succeeded.context().attempts();
            case JobEvent.JobSubmitted _,
                    JobEvent.JobReprioritized _,
                    JobEvent.JobCancelRequested _,
                    JobEvent.JobCanceled _,
                    JobEvent.JobExpired _ -> 0;
        };
    }

    private LoggedFailure logged(Failure failure) {
        return new LoggedFailure(
                failure.code().name(),
                redaction.message(failure.message()),
                failure.nodeId() == null ? null : redaction.label(failure.nodeId()),
                failure.nodeClass() == null ? null : redaction.label(failure.nodeClass()));
    }
}
