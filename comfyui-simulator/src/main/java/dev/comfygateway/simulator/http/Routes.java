package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.socket.ComfySocketHandler;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.ServerWebExchangeDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * All routes. Each exists a second time under {@code /api}; those of the jobs are declared there already, those of the
 * assets exist only there, and pages and internal ones have no twin.
 */
@Configuration(proxyBeanMethods = false)
class Routes {

    private static final List<HttpMethod> METHODS =
            List.of(HttpMethod.DELETE, HttpMethod.GET, HttpMethod.PATCH, HttpMethod.POST, HttpMethod.PUT);

    @Bean
    RouterFunction<ServerResponse> comfyRoutes(
            SimulatorProperties properties,
            PromptRoutes prompts,
            FileRoutes files,
            InfoRoutes infos,
            JobRoutes jobs,
            UserRoutes users,
            ServerRoutes server,
            AssetRoutes assets) {
        RouterFunction<ServerResponse> twins = prompts.routes()
                .and(files.routes())
                .and(infos.routes())
                .and(users.routes())
                .and(server.routes());
        if (!properties.dialect().isOld()) {
            twins = twins.and(underApi(jobs.routes()));
        }
        RouterFunction<ServerResponse> known = twins.and(underApi(twins)).and(server.withoutTwin());
        if (!properties.dialect().isOld()) {
            known = known.and(underApi(assets.routes()));
        }
        RouterFunction<ServerResponse> all = known;
        return all.and(RouterFunctions.route(RequestPredicates.all(), request -> unmatched(request, all)));
    }

    private static RouterFunction<ServerResponse> underApi(RouterFunction<ServerResponse> routes) {
        return RouterFunctions.nest(RequestPredicates.path("/api"), routes);
    }

    @Bean
    HandlerMapping comfySocketMapping(ComfySocketHandler handler) {
        return new SimpleUrlHandlerMapping(Map.of("/ws", handler, "/api/ws", handler), -1);
    }

    /**
     * Every path without a route is one of a static file that is not there, and those can only be read. The internal
     * routes have no files.
     */
    private static Mono<ServerResponse> unmatched(ServerRequest request, RouterFunction<ServerResponse> known) {
        String path = request.path();
        boolean internal = path.equals("/internal") || path.startsWith("/internal/");
        if (path.startsWith("//")) {
            return Mono.error(RaisedException.notFound());
        }
        if (!internal && request.method().equals(HttpMethod.GET)) {
            FlagHeadersFilter.noRoute(request.exchange());
            return ServerResponse.status(404)
                    .contentType(MediaType.APPLICATION_OCTET_STREAM)
                    .build();
        }
        return Flux.fromIterable(METHODS)
                .filterWhen(method -> known.route(as(method, request)).hasElement())
                .map(HttpMethod::name)
                .collectList()
                .flatMap(methods -> {
                    if (internal && methods.isEmpty()) {
                        return Mono.error(RaisedException.notFound());
                    }
                    TreeSet<String> allowed = new TreeSet<>(methods);
                    if (!internal || methods.contains("GET")) {
                        allowed.addAll(List.of("GET", "HEAD"));
                    }
                    return Mono.error(RaisedException.wrongMethod(String.join(",", allowed)));
                });
    }

    private static ServerRequest as(HttpMethod method, ServerRequest request) {
        ServerWebExchange exchange = request.exchange()
                .mutate()
                .request(builder -> builder.method(method))
                .build();
        // Matching leaves marks in the attributes, which the next attempt would trip over.
        Map<String, Object> attributes = new ConcurrentHashMap<>();
        return ServerRequest.create(
                new ServerWebExchangeDecorator(exchange) {
                    @Override
                    public Map<String, Object> getAttributes() {
                        return attributes;
                    }
                },
                request.messageReaders());
    }
}
