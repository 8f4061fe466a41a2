package dev.comfygateway.gateway.health;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.gateway.route.ServiceProperties;
import dev.comfygateway.gateway.worker.Workers;
import dev.comfygateway.observability.BuildVersion;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Whether a job sent now could run. Always 200: the body says what is wrong. Probes of this process alone are under
 * {@code /actuator/health}.
 */
@RestController
class HealthController {

    private static final String UP = "up";
    private static final String DOWN = "down";

    private final Workers workers;
    private final HealthProperties properties;
    private final BuildVersion build;
    private final Mono<Map<String, String>> services;

    /**
     * Body of the answer.
     *
     * @param uptime seconds since the gateway started
     */
    record Health(
            boolean ok,
            @Nullable String version,
            @Nullable String commit,
            long uptime,
            ComfyUi comfyui,
            Map<String, String> services) {}

    /**
     * What the workers say about their ComfyUI.
     *
     * @param workers how many workers reach theirs
     */
    record ComfyUi(
            boolean reachable, boolean simulated, @Nullable String version, int workers) {}

    HealthController(
            Workers workers,
            HealthProperties properties,
            ServiceProperties urls,
            WebClient.Builder builder,
            BuildVersion build) {
        this.workers = workers;
        this.properties = properties;
        this.build = build;
        WebClient http = builder.clone().build();
        this.services = Flux.just(
                        Map.entry("job", urls.jobUrl()),
                        Map.entry("storage", urls.storageUrl()),
                        Map.entry("webhook", urls.webhookUrl()))
                .flatMap(service -> state(http, service.getValue()).map(state -> Map.entry(service.getKey(), state)))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue)
                // Public and unauthenticated: a flood of questions must not become one on the services.
                .cache(properties.cacheFor());
    }

    @GetMapping("/health")
    Mono<Health> health() {
        return services.map(states -> {
            List<WorkerHeartbeat> reachable = workers.reachable();
            boolean ok = !reachable.isEmpty() && UP.equals(states.get("job")) && UP.equals(states.get("storage"));
            return new Health(
                    ok,
                    build.version(),
                    build.commit(),
                    ManagementFactory.getRuntimeMXBean().getUptime() / 1000,
                    new ComfyUi(
                            !reachable.isEmpty(),
                            reachable.stream().anyMatch(WorkerHeartbeat::simulated),
                            reachable.stream()
                                    .map(WorkerHeartbeat::backendVersion)
                                    .filter(Objects::nonNull)
                                    .findFirst()
                                    .orElse(null),
                            reachable.size()),
                    new TreeMap<>(states));
        });
    }

    private Mono<String> state(WebClient http, URI service) {
        return http.get()
                .uri(service + "/actuator/health")
                .exchangeToMono(response ->
                        response.releaseBody().thenReturn(response.statusCode().is2xxSuccessful() ? UP : DOWN))
                .timeout(properties.timeout())
                .onErrorReturn(DOWN);
    }
}
