package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.ErrorBodies;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.graph.PromptValidator;
import dev.comfygateway.simulator.graph.PyText;
import dev.comfygateway.simulator.graph.ValidatedPrompt;
import dev.comfygateway.simulator.history.History;
import dev.comfygateway.simulator.queue.PromptItem;
import dev.comfygateway.simulator.queue.PromptNumbers;
import dev.comfygateway.simulator.queue.PromptQueue;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;

/** Prompts, the queue and the history. */
@Component
class PromptRoutes {

    private static final Pattern UUID_FORM =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final Dialect dialect;
    private final PromptQueue queue;
    private final History history;
    private final PromptValidator validator;
    private final Bodies bodies;
    private final PromptNumbers numbers;

    PromptRoutes(
            PromptQueue queue,
            History history,
            PromptValidator validator,
            Bodies bodies,
            SimulatorProperties properties,
            PromptNumbers numbers) {
        this.numbers = numbers;
        this.dialect = properties.dialect();
        this.queue = queue;
        this.history = history;
        this.validator = validator;
        this.bodies = bodies;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/prompt", request -> Answers.json(remaining()))
                .POST("/prompt", request -> bodies.json(request).flatMap(body -> submit(request, body)))
                .GET("/queue", request -> Answers.json(queueContent()))
                .POST("/queue", request -> bodies.json(request).flatMap(this::changeQueue))
                .POST("/interrupt", this::interrupt)
                .GET("/history", this::historyPage)
                .POST("/history", request -> bodies.json(request).flatMap(this::changeHistory))
                .GET("/history/{id}", request -> Answers.json(entry(request.pathVariable("id"))))
                .POST("/free", request -> bodies.json(request).flatMap(this::free))
                .build();
    }

    private ObjectNode remaining() {
        ObjectNode body = Json.object();
        body.putObject("exec_info").put("queue_remaining", queue.remaining());
        return body;
    }

    private Mono<ServerResponse> submit(ServerRequest request, JsonNode body) {
        JsonNode number = number(body);
        if (!body.has("prompt")) {
            return refused(ErrorBodies.error("no_prompt", "No prompt provided", "No prompt provided"), Json.object());
        }
        JsonNode givenId = body.path("prompt_id");
        if (!dialect.isOld() && !givenId.isMissingNode() && !givenId.isNull() && !isUuid(givenId)) {
            return refused(
                    ErrorBodies.error(
                            "invalid_prompt_id",
                            "prompt_id must be a valid UUID",
                            "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the"
                                    + " server generate one"),
                    Json.object());
        }
        if (!(body.get("prompt") instanceof ObjectNode graph)) {
            throw new IllegalArgumentException("prompt must be an object");
        }
        ValidatedPrompt validated = validator.validate(graph, targets(body.path("partial_execution_targets")));
        if (validated.error() != null) {
            return refused(validated.error(), validated.nodeErrors());
        }
        String id = promptId(givenId);
        queue.put(new PromptItem(number, id, graph, extraData(request, body), validated.outputs()));
        ObjectNode answer = Json.object().put("prompt_id", id);
        answer.set("number", number);
        answer.set("node_errors", validated.nodeErrors());
        return Answers.json(answer);
    }

    /** The counter moves on for refused prompts too. */
    private JsonNode number(JsonNode body) {
        JsonNode given = body.path("number");
        if (!given.isMissingNode()) {
            if (given.isNumber()) {
                return DoubleNode.valueOf(given.asDouble());
            }
            return DoubleNode.valueOf(Double.parseDouble(given.asString()));
        }
        long next = numbers.next();
        return LongNode.valueOf(body.path("front").asBoolean(false) ? -next : next);
    }

    /** The old release turned whatever it got into a text, null too. */
    private String promptId(JsonNode given) {
        boolean absent = given.isMissingNode() || (given.isNull() && !dialect.isOld());
        return absent ? UUID.randomUUID().toString() : PyText.str(given);
    }

    private static boolean isUuid(JsonNode id) {
        return id.isString() && UUID_FORM.matcher(id.stringValue()).matches();
    }

    private static @Nullable Set<String> targets(JsonNode given) {
        if (!given.isArray()) {
            return null;
        }
        Set<String> targets = new HashSet<>();
        given.forEach(target -> targets.add(target.asString()));
        return targets;
    }

    private ObjectNode extraData(ServerRequest request, JsonNode body) {
        ObjectNode extra = body.path("extra_data") instanceof ObjectNode given ? given : Json.object();
        if (body.has("client_id")) {
            extra.set("client_id", body.get("client_id"));
        }
        if (dialect.isOld()) {
            return extra;
        }
        String source = request.headers().asHttpHeaders().getFirst("Comfy-Usage-Source");
        if (source != null && !extra.has("comfy_usage_source")) {
            extra.put("comfy_usage_source", source);
        }
        // The server keeps these two apart and never shows them; the simulator has no use for them at all.
        extra.remove(PromptItem.SECRETS);
        return extra.put("create_time", System.currentTimeMillis());
    }

    private static Mono<ServerResponse> refused(ObjectNode error, ObjectNode nodeErrors) {
        ObjectNode body = Json.object();
        body.set("error", error);
        body.set("node_errors", nodeErrors);
        return Answers.json(400, body);
    }

    private ObjectNode queueContent() {
        PromptQueue.Snapshot snapshot = queue.snapshot();
        ObjectNode body = Json.object();
        var running = body.putArray("queue_running");
        if (snapshot.running() != null) {
            running.add(snapshot.running().toJson());
        }
        var pending = body.putArray("queue_pending");
        snapshot.pending().forEach(item -> pending.add(item.toJson()));
        return body;
    }

    private Mono<ServerResponse> changeQueue(JsonNode body) {
        if (body.path("clear").asBoolean(false)) {
            queue.clear();
        }
        body.path("delete").forEach(id -> queue.delete(id.asString()));
        return Answers.empty(200);
    }

    private Mono<ServerResponse> interrupt(ServerRequest request) {
        return bodies.bytes(request).flatMap(bytes -> {
            // This route alone forgives an empty body.
            JsonNode id = bytes.length == 0 ? Json.object() : Json.parse(bytes).path("prompt_id");
            queue.interrupt(id.isString() ? id.stringValue() : null);
            return Answers.empty(200);
        });
    }

    private Mono<ServerResponse> historyPage(ServerRequest request) {
        Integer maxItems = request.queryParam("max_items").map(Integer::valueOf).orElse(null);
        int offset = request.queryParam("offset").map(Integer::valueOf).orElse(-1);
        return Answers.json(history.page(maxItems, offset));
    }

    private Mono<ServerResponse> changeHistory(JsonNode body) {
        if (body.path("clear").asBoolean(false)) {
            history.clear();
        }
        body.path("delete").forEach(id -> history.delete(id.asString()));
        return Answers.empty(200);
    }

    private ObjectNode entry(String id) {
        ObjectNode body = Json.object();
        ObjectNode entry = history.get(id);
        if (entry != null) {
            body.set(id, entry);
        }
        return body;
    }

    private Mono<ServerResponse> free(JsonNode body) {
        if (body.path("free_memory").asBoolean(false)) {
            queue.requestFree();
        }
        return Answers.empty(200);
    }
}
