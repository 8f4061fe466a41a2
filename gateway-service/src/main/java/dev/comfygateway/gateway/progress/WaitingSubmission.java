package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokenFilter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /v1/jobs} with {@code Prefer: wait=n}: answers when the job has ended, or after the time with the 202 as
 * given.
 *
 * <p>A router function and not a controller: a controller's mapping of the path would answer 405 to every request of
 * another method, before the routes see it.
 */
@Configuration(proxyBeanMethods = false)
class WaitingSubmission {

    private static final Logger log = LoggerFactory.getLogger(WaitingSubmission.class);

    private final JobClient jobs;
    private final JobStreams streams;
    private final JsonMapper json;
    private final StreamProperties properties;

    private record Given(@Nullable String jobId, boolean ended) {}

    WaitingSubmission(JobClient jobs, JobStreams streams, JsonMapper json, StreamProperties properties) {
        this.jobs = jobs;
        this.streams = streams;
        this.json = json;
        this.properties = properties;
    }

    @Bean
    RouterFunction<ServerResponse> waitingSubmissionRoute() {
        RequestPredicate waits = request ->
                PreferWait.parse(request.headers().header(PreferWait.HEADER)).isPresent();
        return RouterFunctions.route(RequestPredicates.POST("/v1/jobs").and(waits), this::submit);
    }

    private Mono<ServerResponse> submit(ServerRequest request) {
        Caller caller = InternalTokenFilter.caller(request.exchange());
        Duration asked =
                PreferWait.parse(request.headers().header(PreferWait.HEADER)).orElse(Duration.ZERO);
        Duration wait = asked.compareTo(properties.maxWait()) > 0 ? properties.maxWait() : asked;
        return request.bodyToMono(byte[].class)
                .defaultIfEmpty(new byte[0])
                .flatMap(body -> jobs.submit(request.headers().asHttpHeaders(), body, caller))
                .flatMap(given -> afterEnd(given, wait, caller));
    }

    private Mono<ServerResponse> afterEnd(ResponseEntity<byte[]> given, Duration wait, Caller caller) {
        Given job = given.getStatusCode().value() == HttpStatus.ACCEPTED.value() ? read(given) : new Given(null, false);
        String jobId = job.jobId();
        if (jobId == null) {
            return pass(given);
        }
        return (job.ended() ? Mono.just(true) : streams.awaitEnd(jobId, caller, wait))
                .flatMap(ended -> ended ? ended(given, jobId, wait, caller) : pass(given))
                .onErrorResume(error -> {
                    // The job is durable; not being able to watch it must not turn its 202 into an error.
                    log.debug("Could not wait for {}", jobId, error);
                    return pass(given);
                });
    }

    private Mono<ServerResponse> ended(ResponseEntity<byte[]> given, String jobId, Duration wait, Caller caller) {
        return jobs.job(jobId, caller).flatMap(view -> {
            if (!view.getStatusCode().is2xxSuccessful()) {
                return pass(given);
            }
            ServerResponse.BodyBuilder response = ServerResponse.ok()
                    .contentType(MediaType.APPLICATION_JSON)
                    .header("Preference-Applied", "wait=" + wait.toSeconds());
            String location = given.getHeaders().getFirst(HttpHeaders.LOCATION);
            if (location != null) {
                response.header(HttpHeaders.LOCATION, location);
            }
            return response.bodyValue(body(view));
        });
    }

    private static Mono<ServerResponse> pass(ResponseEntity<byte[]> given) {
        return ServerResponse.status(given.getStatusCode())
                .headers(headers -> given.getHeaders().forEach((name, values) -> {
                    // The connection's own headers belong to the other connection.
                    if (!name.equalsIgnoreCase(HttpHeaders.TRANSFER_ENCODING)
                            && !name.equalsIgnoreCase(HttpHeaders.CONNECTION)
                            && !name.equalsIgnoreCase(HttpHeaders.CONTENT_LENGTH)) {
                        headers.put(name, values);
                    }
                }))
                .bodyValue(body(given));
    }

    private static byte[] body(ResponseEntity<byte[]> response) {
        byte[] body = response.getBody();
        return body == null ? new byte[0] : body;
    }

    private Given read(ResponseEntity<byte[]> response) {
        try {
            JsonNode view = json.readTree(body(response));
            return new Given(
                    view.path("jobId").asString(null),
                    JobStatus.parse(view.path("status").asString("queued")).isTerminal());
        } catch (JacksonException | IllegalArgumentException e) {
            return new Given(null, false);
        }
    }
}
