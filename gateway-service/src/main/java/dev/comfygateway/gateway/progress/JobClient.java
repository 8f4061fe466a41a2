package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.event.EventType;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.gateway.route.CallerTokens;
import dev.comfygateway.gateway.route.ServiceProperties;
import dev.comfygateway.gateway.route.UnavailableServices;
import dev.comfygateway.kafka.EventCatalog;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks job-service on a caller's behalf. When it is away, the answer is a {@code SERVICE_UNAVAILABLE} problem. */
@Component
class JobClient {

    private static final String SERVICE = "job";

    private final WebClient http;
    private final CallerTokens tokens;
    private final ServiceProperties services;
    private final JsonMapper json;

    private record Entry(String type, JsonNode data) {}

    private record Page(List<Entry> events, boolean terminal) {}

    JobClient(WebClient.Builder builder, ServiceProperties services, CallerTokens tokens, JsonMapper json) {
        this.http = builder.clone().baseUrl(services.jobUrl().toString()).build();
        this.services = services;
        this.tokens = tokens;
        this.json = json;
    }

    /** State changes after {@code after}; fails with {@code JOB_NOT_FOUND} when the job is not the caller's to see. */
    Mono<JobHistory> history(String jobId, long after, Caller caller) {
        return Mono.defer(() -> http.get()
                        .uri("/internal/jobs/{id}/events?after={after}", jobId, after)
                        .header(HttpHeaders.AUTHORIZATION, tokens.header(caller))
                        .exchangeToMono(this::page))
                .timeout(services.timeout())
                .map(this::history)
                .onErrorMap(error -> UnavailableServices.translate(SERVICE, error));
    }

    /** Says that somebody watches the job, so that its worker sends previews for a while. */
    Mono<Void> watchPreviews(String jobId, Caller caller) {
        return Mono.defer(() -> http.post()
                        .uri("/internal/jobs/{id}/previews", jobId)
                        .header(HttpHeaders.AUTHORIZATION, tokens.header(caller))
                        .retrieve()
                        .toBodilessEntity())
                .timeout(services.timeout())
                .then();
    }

    private Mono<Page> page(ClientResponse response) {
        if (response.statusCode().is2xxSuccessful()) {
            return response.bodyToMono(Page.class);
        }
        ProblemException problem = response.statusCode().value() == HttpStatus.NOT_FOUND.value()
                ? new ProblemException(ErrorCode.JOB_NOT_FOUND, "There is no such job")
                : new ProblemException(ErrorCode.SERVICE_UNAVAILABLE, "The job service cannot answer; try again later");
        return response.releaseBody().then(Mono.error(problem));
    }

    private JobHistory history(Page page) {
        List<JobEvent> events = page.events().stream().flatMap(this::event).toList();
        return new JobHistory(events, page.terminal());
    }

    private Stream<JobEvent> event(Entry entry) {
        return EventCatalog.dataClass(EventType.parse(entry.type())).stream()
                .map(type -> json.treeToValue(entry.data(), type))
                .filter(JobEvent.class::isInstance)
                .map(JobEvent.class::cast);
    }

    /** Passes a submission on; the answer as it came, whatever its status. */
    Mono<ResponseEntity<byte[]>> submit(HttpHeaders headers, byte[] body, Caller caller) {
        return Mono.defer(() -> http.post()
                        .uri("/v1/jobs")
                        .headers(sent -> {
                            for (String name :
                                    List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.ACCEPT, "Idempotency-Key")) {
                                Optional.ofNullable(headers.getFirst(name)).ifPresent(value -> sent.set(name, value));
                            }
                            sent.set(HttpHeaders.AUTHORIZATION, tokens.header(caller));
                        })
                        .bodyValue(body)
                        .exchangeToMono(response -> response.toEntity(byte[].class)))
                .timeout(services.timeout().multipliedBy(3))
                .onErrorMap(error -> UnavailableServices.translate(SERVICE, error));
    }

    /** The job as job-service shows it, whatever the status of the answer. */
    Mono<ResponseEntity<byte[]>> job(String jobId, Caller caller) {
        return Mono.defer(() -> http.get()
                        .uri("/v1/jobs/{id}", jobId)
                        .header(HttpHeaders.AUTHORIZATION, tokens.header(caller))
                        .exchangeToMono(response -> response.toEntity(byte[].class)))
                .timeout(services.timeout())
                .onErrorMap(error -> UnavailableServices.translate(SERVICE, error));
    }
}
