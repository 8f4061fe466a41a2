package dev.comfygateway.job.deadletter.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.deadletter.DeadLetter;
import dev.comfygateway.job.deadletter.ReadDeadLetters;
import dev.comfygateway.job.deadletter.SettleDeadLetter;
import dev.comfygateway.job.submission.JobView;
import dev.comfygateway.job.submission.ReadJobs;
import dev.comfygateway.observability.TraceContexts;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Dead letters, for administrators. */
@RestController
class DeadLetterController {

    private static final int MOST = 100;

    private final ReadDeadLetters readDeadLetters;
    private final SettleDeadLetter settleDeadLetter;
    private final ReadJobs readJobs;
    private final TraceContexts traces;

    DeadLetterController(
            ReadDeadLetters readDeadLetters,
            SettleDeadLetter settleDeadLetter,
            ReadJobs readJobs,
            TraceContexts traces) {
        this.readDeadLetters = readDeadLetters;
        this.settleDeadLetter = settleDeadLetter;
        this.readJobs = readJobs;
        this.traces = traces;
    }

    @GetMapping("/v1/dead-letters")
    Mono<ReadDeadLetters.Page> page(
            Caller caller,
            @RequestParam(defaultValue = "20") String limit,
            @RequestParam(required = false) @Nullable String cursor) {
        caller.requireAdministrator();
        long most = number(limit, "limit");
        if (most < 1 || most > MOST) {
            throw invalid("limit", "must be 1 to " + MOST);
        }
        return readDeadLetters.page((int) most, cursor == null || cursor.isEmpty() ? null : number(cursor, "cursor"));
    }

    @GetMapping("/v1/dead-letters/{jobId}")
    Mono<DeadLetter> one(Caller caller, @PathVariable String jobId) {
        caller.requireAdministrator();
        return readDeadLetters.one(jobId).switchIfEmpty(Mono.error(() -> notFound(jobId)));
    }

    @PostMapping("/v1/dead-letters/{jobId}/requeue")
    Mono<ResponseEntity<JobView>> requeue(Caller caller, @PathVariable String jobId) {
        caller.requireAdministrator();
        return Mono.deferContextual(chain -> settleDeadLetter.requeue(jobId, traces.of(chain)))
                .switchIfEmpty(Mono.error(() -> notFound(jobId)))
                .flatMap(id -> readJobs.one(id, caller))
                .map(job -> ResponseEntity.accepted()
                        .location(URI.create(job.pollUrl()))
                        .body(job));
    }

    @DeleteMapping("/v1/dead-letters/{jobId}")
    Mono<ResponseEntity<Void>> dismiss(Caller caller, @PathVariable String jobId) {
        caller.requireAdministrator();
        return settleDeadLetter.dismiss(jobId).map(found -> {
            if (!found) {
                throw notFound(jobId);
            }
            return ResponseEntity.noContent().build();
        });
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

    private static ProblemException notFound(String jobId) {
        return new ProblemException(ErrorCode.DEAD_LETTER_NOT_FOUND, "There is no dead letter \"" + jobId + "\"");
    }
}
