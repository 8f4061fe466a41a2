package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.id.Ids;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The live events of a job. */
@RestController
class JobEventsController {

    private final JobStreams streams;
    private final SseForm form;
    private final StreamProperties properties;

    JobEventsController(JobStreams streams, SseForm form, StreamProperties properties) {
        this.streams = streams;
        this.form = form;
        this.properties = properties;
    }

    @GetMapping("/v1/jobs/{jobId}/events")
    Mono<ResponseEntity<Flux<ServerSentEvent<String>>>> events(
            @PathVariable String jobId,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String header,
            @RequestParam(name = "lastEventId", required = false) @Nullable String parameter,
            @RequestParam(name = "previews", defaultValue = "false") boolean previews,
            ServerHttpRequest request,
            Caller caller) {
        if (!Ids.isJobId(jobId)) {
            return Mono.error(new ProblemException(ErrorCode.JOB_NOT_FOUND, "There is no such job"));
        }
        long after = after(header == null || header.isBlank() ? parameter : header);
        EventLoop thread = ConnectionThread.of(request);
        return streams.open(jobId, after, previews, caller)
                .map(items -> items.map(found -> stream(found, thread))
                        .orElseGet(() -> ResponseEntity.noContent().build()));
    }

    ResponseEntity<Flux<ServerSentEvent<String>>> stream(Flux<StreamItem> items, EventLoop thread) {
        return ResponseEntity.ok()
                .contentType(MediaType.TEXT_EVENT_STREAM)
                .cacheControl(CacheControl.noStore())
                // nginx would else collect the events and deliver them late.
                .header("X-Accel-Buffering", "no")
                .body(ConnectionThread.emit(items.map(form::write).startWith(greeting()), thread));
    }

    private ServerSentEvent<String> greeting() {
        long least = properties.retryMin().toMillis();
        long most = Math.max(least + 1, properties.retryMax().toMillis());
        // Different for each client, so that a restart is not followed by all of them at once.
        Duration retry = Duration.ofMillis(ThreadLocalRandom.current().nextLong(least, most));
        return ServerSentEvent.<String>builder()
                .retry(retry)
                .comment("connected")
                .build();
    }

    private static long after(@Nullable String lastEventId) {
        if (lastEventId == null || lastEventId.isBlank()) {
            return 0;
        }
        try {
            return Math.max(0, Long.parseLong(lastEventId.strip()));
        } catch (NumberFormatException e) {
            throw new ProblemException(
                    ErrorCode.VALIDATION_ERROR,
                    "Last-Event-ID is not one of this stream's ids",
                    List.of(new FieldError("/lastEventId", "must be a whole number")));
        }
    }
}
