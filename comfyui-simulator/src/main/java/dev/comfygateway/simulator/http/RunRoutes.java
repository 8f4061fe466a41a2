package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.queue.RunLog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What ComfyUI does not have: {@code GET /simulator/runs}, for benchmarks. */
@Configuration(proxyBeanMethods = false)
class RunRoutes {

    /** Before the real server's routes, which answer every path. */
    @Bean
    @Order(0)
    RouterFunction<ServerResponse> runRouter(RunLog log) {
        return RouterFunctions.route()
                .GET("/simulator/runs", request -> Answers.json(runs(log)))
                .build();
    }

    private static ObjectNode runs(RunLog log) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("runs");
        log.runs()
                .forEach(run -> list.addObject()
                        .put("prompt_id", run.promptId())
                        .put("start", run.start())
                        .put("end", run.end()));
        return body;
    }
}
