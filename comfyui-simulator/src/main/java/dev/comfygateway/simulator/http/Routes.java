package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.socket.ComfySocketHandler;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** All routes. Each exists a second time under {@code /api}; those of the jobs are declared there already. */
@Configuration(proxyBeanMethods = false)
class Routes {

    @Bean
    RouterFunction<ServerResponse> comfyRoutes(
            PromptRoutes prompts, FileRoutes files, InfoRoutes infos, JobRoutes jobs) {
        RouterFunction<ServerResponse> known = prompts.routes()
                .and(files.routes())
                .and(infos.routes())
                .and(RouterFunctions.nest(RequestPredicates.path("/api"), jobs.routes()));
        return known.and(RouterFunctions.nest(RequestPredicates.path("/api"), known))
                .and(wrongMethods());
    }

    @Bean
    HandlerMapping comfySocketMapping(ComfySocketHandler handler) {
        return new SimpleUrlHandlerMapping(Map.of("/ws", handler, "/api/ws", handler), -1);
    }

    private static RouterFunction<ServerResponse> wrongMethods() {
        RouterFunctions.Builder builder = RouterFunctions.route();
        for (String path : new String[] {
            "/prompt",
            "/queue",
            "/interrupt",
            "/history",
            "/history/{id}",
            "/view",
            "/upload/image",
            "/upload/mask",
            "/object_info",
            "/object_info/{name}",
            "/system_stats",
            "/features",
            "/free"
        }) {
            builder.route(
                    RequestPredicates.path(path).or(RequestPredicates.path("/api" + path)),
                    request -> Mono.error(new ResponseStatusException(HttpStatus.METHOD_NOT_ALLOWED)));
        }
        return builder.build();
    }
}
