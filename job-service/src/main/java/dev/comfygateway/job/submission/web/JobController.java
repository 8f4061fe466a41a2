package dev.comfygateway.job.submission.web;

import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.quota.Admission;
import dev.comfygateway.job.submission.CancelJob;
import dev.comfygateway.job.submission.JobView;
import dev.comfygateway.job.submission.ReadJobs;
import dev.comfygateway.job.submission.SubmitJob;
import dev.comfygateway.job.submission.SubmitResult;
import dev.comfygateway.job.submission.WatchPreviews;
import dev.comfygateway.observability.TraceContexts;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Clients' jobs. */
@RestController
class JobController {

    private static final int MOST = 100;

    private final SubmitJobRequestReader reader;
    private final SubmitJob submitJob;
    private final CancelJob cancelJob;
    private final ReadJobs readJobs;
    private final WatchPreviews watchPreviews;
    private final TraceContexts traces;

    JobController(
            SubmitJobRequestReader reader,
            SubmitJob submitJob,
            CancelJob cancelJob,
            ReadJobs readJobs,
            WatchPreviews watchPreviews,
            TraceContexts traces) {
        this.reader = reader;
        this.submitJob = submitJob;
        this.cancelJob = cancelJob;
        this.readJobs = readJobs;
        this.watchPreviews = watchPreviews;
        this.traces = traces;
    }

    @PostMapping("/v1/jobs")
    Mono<ResponseEntity<JobView>> submit(
            Caller caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody byte[] body) {
        caller.requireClient();
        return Mono.deferContextual(chain -> Mono.just(reader.read(body, caller, key, traces.of(chain))))
                .flatMap(submitJob::handle)
                .map(result -> switch (result) {
                    case SubmitResult.Accepted(String jobId) -> jobId;
                    case SubmitResult.KeyReused _ ->
                        throw new ProblemException(
                                ErrorCode.IDEMPOTENCY_KEY_REUSED, "The key was used with another request before");
                    case SubmitResult.UnknownAssets(List<FieldError> errors) ->
                        throw new ProblemException(
                                ErrorCode.VALIDATION_ERROR, errors.getFirst().detail(), errors);
                    case SubmitResult.NotRunnable(ErrorCode code, List<FieldError> errors) ->
                        throw new ProblemException(code, errors.getFirst().detail(), errors);
                    case SubmitResult.Refused(Admission.QueueFull(int depth)) ->
                        throw new ProblemException(
                                ErrorCode.QUEUE_FULL, depth + " jobs wait, as many as may; try again later");
                    case SubmitResult.Refused(Admission.QuotaExceeded(String detail)) ->
                        throw new ProblemException(ErrorCode.QUOTA_EXCEEDED, detail);
                    case SubmitResult.StorageAway _ ->
                        throw new ProblemException(
                                ErrorCode.STORAGE_UNAVAILABLE, "The assets could not be looked up; try again");
                })
                .flatMap(jobId -> readJobs.one(jobId, caller))
                .map(job -> ResponseEntity.accepted()
                        .location(URI.create(job.pollUrl()))
                        .body(job));
    }

    @GetMapping("/v1/jobs/{id}")
    Mono<JobView> one(Caller caller, @PathVariable String id) {
        return readJobs.one(id, caller).switchIfEmpty(Mono.error(() -> notFound(id)));
    }

    @GetMapping("/v1/jobs")
    Mono<ReadJobs.Page> page(
            Caller caller,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String workflowId,
            @RequestParam(defaultValue = "20") String limit,
            @RequestParam(required = false) @Nullable String cursor) {
        caller.requireClient();
        long most = number(limit, "limit");
        if (most < 1 || most > MOST) {
            throw invalid("limit", "must be 1 to " + MOST);
        }
        return readJobs.page(
                caller,
                statuses(status),
                workflowId,
                (int) most,
                cursor == null || cursor.isEmpty() ? null : number(cursor, "cursor"));
    }

    @PostMapping("/v1/jobs/{id}/cancel")
    Mono<JobView> cancel(Caller caller, @PathVariable String id) {
        caller.requireClient();
        return cancelJob
                .handle(id, caller)
                .switchIfEmpty(Mono.error(() -> notFound(id)))
                .flatMap(result -> switch (result) {
                    case DONE -> readJobs.one(id, caller);
                    case TOO_LATE ->
                        Mono.error(new ProblemException(ErrorCode.JOB_NOT_CANCELABLE, "The job has already ended"));
                });
    }

    @GetMapping("/internal/jobs/{id}/events")
    Mono<ReadJobs.Events> events(
            Caller caller, @PathVariable String id, @RequestParam(defaultValue = "0") String after) {
        return readJobs.events(id, number(after, "after"), caller).switchIfEmpty(Mono.error(() -> notFound(id)));
    }

    /** Somebody watches the job; its worker hears of it, if one runs it. */
    @PostMapping("/internal/jobs/{id}/previews")
    Mono<ResponseEntity<Void>> watch(Caller caller, @PathVariable String id) {
        return watchPreviews
                .handle(id, caller)
                .switchIfEmpty(Mono.error(() -> notFound(id)))
                .map(asked -> ResponseEntity.noContent().build());
    }

    private static List<JobStatus> statuses(@Nullable String text) {
        List<JobStatus> statuses = new ArrayList<>();
        if (text != null) {
            for (String name : text.split(",", -1)) {
                if (name.isBlank()) {
                    continue;
                }
                try {
                    statuses.add(JobStatus.parse(name.strip()));
                } catch (IllegalArgumentException e) {
                    throw invalid("status", "is not a status: " + name.strip());
                }
            }
        }
        return statuses;
    }

    private static long number(String text, String name) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw invalid(name, "must be a number");
        }
    }

    private static ProblemException invalid(String name, String detail) {
        return new ProblemException(
                ErrorCode.VALIDATION_ERROR, name + " " + detail, List.of(new FieldError("/" + name, detail)));
    }

    static ProblemException notFound(String id) {
        return new ProblemException(ErrorCode.JOB_NOT_FOUND, "There is no job \"" + id + "\"");
    }
}
