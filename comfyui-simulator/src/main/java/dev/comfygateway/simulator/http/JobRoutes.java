package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.history.History;
import dev.comfygateway.simulator.queue.PromptQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The newer view of queue and history as jobs. */
@Component
class JobRoutes {

    private static final List<String> STATUSES = List.of("pending", "in_progress", "completed", "failed", "cancelled");

    private final PromptQueue queue;
    private final History history;
    private final Bodies bodies;

    JobRoutes(PromptQueue queue, History history, Bodies bodies) {
        this.queue = queue;
        this.history = history;
        this.bodies = bodies;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/jobs", this::list)
                .GET("/jobs/{id}", this::detail)
                .POST("/jobs/cancel", request -> bodies.bytes(request).flatMap(this::cancelMany))
                .POST("/jobs/{id}/cancel", request -> cancelled(queue.cancel(request.pathVariable("id"))))
                .build();
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        List<String> wanted = request.queryParam("status")
                .map(text -> Arrays.stream(text.split(",", -1))
                        .map(status -> status.strip().toLowerCase(Locale.ROOT))
                        .filter(status -> !status.isEmpty())
                        .toList())
                .orElse(STATUSES);
        List<String> unknown =
                wanted.stream().filter(status -> !STATUSES.contains(status)).toList();
        if (!unknown.isEmpty()) {
            return refused("Invalid status value(s): " + String.join(", ", unknown) + ". Valid values: "
                    + String.join(", ", STATUSES));
        }
        String sortBy = request.queryParam("sort_by").orElse("created_at");
        if (!List.of("created_at", "execution_duration").contains(sortBy)) {
            return refused("sort_by must be 'created_at' or 'execution_duration'");
        }
        String order = request.queryParam("sort_order").orElse("desc");
        if (!List.of("asc", "desc").contains(order)) {
            return refused("sort_order must be 'asc' or 'desc'");
        }
        Integer limit = null;
        int offset = 0;
        try {
            if (request.queryParam("limit").isPresent()) {
                limit = Integer.valueOf(request.queryParam("limit").orElseThrow());
            }
            offset = Math.max(0, Integer.parseInt(request.queryParam("offset").orElse("0")));
        } catch (NumberFormatException e) {
            return refused((limit == null && request.queryParam("limit").isPresent() ? "limit" : "offset")
                    + " must be an integer");
        }
        if (limit != null && limit <= 0) {
            return refused("limit must be a positive integer");
        }
        String workflow = request.queryParam("workflow_id").orElse("");
        List<ObjectNode> jobs = new ArrayList<>(all().stream()
                .filter(job -> wanted.contains(job.get("status").stringValue()))
                .filter(job -> workflow.isEmpty()
                        || workflow.equals(job.path("workflow_id").asString("")))
                .sorted(JobViews.order(sortBy, order.equals("desc")))
                .toList());
        int total = jobs.size();
        int end = limit == null ? total : Math.min(total, offset + limit);
        ObjectNode body = Json.object();
        ArrayNode page = body.putArray("jobs");
        for (int i = offset; i < end; i++) {
            page.add(jobs.get(i));
        }
        ObjectNode pagination = body.putObject("pagination");
        pagination.put("offset", offset).put("limit", limit).put("total", total).put("has_more", end < total);
        return Answers.json(body);
    }

    private List<ObjectNode> all() {
        PromptQueue.Snapshot snapshot = queue.snapshot();
        List<ObjectNode> jobs = new ArrayList<>();
        if (snapshot.running() != null) {
            jobs.add(JobViews.queued(snapshot.running(), "in_progress"));
        }
        snapshot.pending().forEach(item -> jobs.add(JobViews.queued(item, "pending")));
        history.all().forEach(entry -> jobs.add(JobViews.finished(entry)));
        return jobs;
    }

    private Mono<ServerResponse> detail(ServerRequest request) {
        String id = request.pathVariable("id");
        PromptQueue.Snapshot snapshot = queue.snapshot();
        if (snapshot.running() != null && snapshot.running().id().equals(id)) {
            return Answers.json(JobViews.queued(snapshot.running(), "in_progress"));
        }
        for (var item : snapshot.pending()) {
            if (item.id().equals(id)) {
                return Answers.json(JobViews.queued(item, "pending"));
            }
        }
        ObjectNode entry = history.get(id);
        return entry == null
                ? Answers.json(404, Json.object().put("error", "Job not found"))
                : Answers.json(JobViews.detailed(entry));
    }

    private Mono<ServerResponse> cancelMany(byte[] bytes) {
        JsonNode body;
        try {
            body = Json.parse(bytes);
        } catch (tools.jackson.core.JacksonException e) {
            return refused("Invalid JSON body");
        }
        JsonNode ids = body.path("job_ids");
        if (!ids.isArray()) {
            return refused("job_ids must be a list");
        }
        ArrayNode invalid = Json.array();
        ids.forEach(id -> {
            if (!isUuid(id)) {
                invalid.add(id);
            }
        });
        if (!invalid.isEmpty()) {
            ObjectNode error = Json.object().put("error", "job_ids contains invalid id(s)");
            error.set("invalid_ids", invalid);
            return Answers.json(400, error);
        }
        boolean any = false;
        for (JsonNode id : ids) {
            any |= queue.cancel(id.stringValue());
        }
        return cancelled(any);
    }

    private static boolean isUuid(JsonNode id) {
        try {
            return id.isString() && UUID.fromString(id.stringValue()).toString().equals(id.stringValue());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Mono<ServerResponse> cancelled(boolean cancelled) {
        return Answers.json(Json.object().put("cancelled", cancelled));
    }

    private static Mono<ServerResponse> refused(String message) {
        return Answers.json(400, Json.object().put("error", message));
    }
}
