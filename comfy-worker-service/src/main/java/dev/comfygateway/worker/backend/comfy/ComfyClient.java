package dev.comfygateway.worker.backend.comfy;

import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.output.SpooledFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.util.UriUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * HTTP calls to one ComfyUI server. Every method blocks until the answer is there, throws
 * {@link ResourceAccessException} when the server cannot be reached or does not answer in time, and
 * {@link ComfyAnswerException} when it answers something it should not.
 */
public final class ComfyClient {

    /** ComfyUI's encoder writes bare {@code NaN} and {@code Infinity}. */
    static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private final String base;
    private final RestClient calls;
    private final RestClient probes;
    private final RestClient transfers;

    /**
     * @param base address without a slash at its end
     * @param calls for calls that answer at once
     * @param probes for health probes, with a short time limit
     * @param transfers for files
     */
    public ComfyClient(URI base, RestClient calls, RestClient probes, RestClient transfers) {
        this.base = base.toString();
        this.calls = calls;
        this.probes = probes;
        this.transfers = transfers;
    }

    /** Version, devices and free memory. */
    public JsonNode systemStats() {
        return getJson(probes, "/system_stats");
    }

    /** The cheapest sign of life. */
    public JsonNode promptInfo() {
        return getJson(probes, "/prompt");
    }

    /** Definitions of all node classes; large. */
    public JsonNode objectInfo() {
        return getJson(transfers, "/object_info");
    }

    /** Submits a graph under our own prompt id. */
    public PromptAnswer submit(String promptId, @Nullable String clientId, Map<String, Object> graph) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("prompt", graph);
        body.put("prompt_id", promptId);
        if (clientId != null) {
            body.put("client_id", clientId);
        }
        return calls.post()
                .uri(uri("/prompt"))
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON.writeValueAsBytes(body))
                .exchange((request, response) -> {
                    int status = response.getStatusCode().value();
                    if (status == 400 || status == 413) {
                        return new PromptAnswer.Refused(status, readLeniently(response.getBody()));
                    }
                    if (status != 200) {
                        throw new ComfyAnswerException("POST /prompt", status);
                    }
                    JsonNode answer = readLeniently(response.getBody());
                    if (!answer.path("prompt_id").isString()) {
                        throw new ComfyAnswerException("POST /prompt without prompt_id", status);
                    }
                    return new PromptAnswer.Accepted(
                            answer.path("prompt_id").asString(),
                            answer.path("number").asDouble(0),
                            answer.path("node_errors"));
                });
    }

    /** The finished prompt, or empty: unknown, waiting, running and lost all look the same here. */
    public Optional<JsonNode> history(String promptId) {
        JsonNode answer = getJson(calls, "/history/" + encode(promptId));
        // Some servers and proxies answer with the entry itself instead of {id: entry}.
        JsonNode entry = answer.has(promptId) ? answer.get(promptId) : answer;
        return entry.isObject() && (entry.has("status") || entry.has("outputs"))
                ? Optional.of(entry)
                : Optional.empty();
    }

    /** Which prompts run and wait. */
    public QueueState queue() {
        JsonNode answer = getJson(calls, "/queue");
        return new QueueState(ids(answer.path("queue_running")), ids(answer.path("queue_pending")));
    }

    /** Takes a waiting prompt out of the queue; does nothing to a running one. */
    public void deleteFromQueue(String promptId) {
        post("/queue", Map.of("delete", List.of(promptId)));
    }

    /** Takes the prompt out of the queue or interrupts it, in one step; only servers since 0.25.1 can. */
    public void cancelJob(String promptId) {
        post("/api/jobs/" + encode(promptId) + "/cancel", Map.of());
    }

    /** Interrupts this prompt if it is the running one. */
    public void interrupt(String promptId) {
        post("/interrupt", Map.of("prompt_id", promptId));
    }

    /** Forgets a finished prompt. */
    public void deleteHistory(String promptId) {
        post("/history", Map.of("delete", List.of(promptId)));
    }

    /** Unloads models and drops caches. */
    public void free() {
        post("/free", Map.of("unload_models", true, "free_memory", true));
    }

    /**
     * Stores an input file.
     *
     * @return the value that names it in a graph
     */
    public String upload(Resource file, String subfolder) {
        MultiValueMap<String, Object> parts = new LinkedMultiValueMap<>();
        parts.add("image", file);
        parts.add("type", "input");
        parts.add("subfolder", subfolder);
        return transfers
                .post()
                .uri(uri("/upload/image"))
                .contentType(MediaType.MULTIPART_FORM_DATA)
                .body(parts)
                .exchange((request, response) -> {
                    if (response.getStatusCode().value() != 200) {
                        throw new ComfyAnswerException(
                                "POST /upload/image", response.getStatusCode().value());
                    }
                    JsonNode answer = readLeniently(response.getBody());
                    String name = answer.path("name").asString("");
                    if (name.isEmpty()) {
                        throw new ComfyAnswerException("POST /upload/image without name", 200);
                    }
                    String folder = answer.path("subfolder").asString("");
                    return folder.isEmpty() ? name : folder + "/" + name;
                });
    }

    /**
     * Fetches a file into the spool.
     *
     * @return the file, or empty when the server does not have it (404)
     * @throws IOException when the transfer breaks off, also when it is shorter than announced
     */
    public Optional<SpooledFile> view(OutputFile file, Spool spool) throws IOException {
        try {
            return transfers.get().uri(viewUri(file)).exchange((request, response) -> {
                int status = response.getStatusCode().value();
                if (status == 404) {
                    return Optional.empty();
                }
                if (status != 200) {
                    throw new ComfyAnswerException("GET /view", status);
                }
                long announced = response.getHeaders().getContentLength();
                SpooledFile spooled = spool.take(response.getBody());
                if (announced >= 0 && spooled.size() != announced) {
                    spooled.close();
                    throw new IOException("Got " + spooled.size() + " of " + announced + " bytes");
                }
                return Optional.of(spooled);
            });
        } catch (ResourceAccessException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
        }
    }

    URI viewUri(OutputFile file) {
        StringBuilder query = new StringBuilder("/view?filename=").append(encode(file.filename()));
        if (!file.subfolder().isEmpty()) {
            query.append("&subfolder=").append(encode(file.subfolder()));
        }
        return uri(query.append("&type=").append(encode(file.type())).toString());
    }

    private static String encode(String text) {
        return UriUtils.encode(text, StandardCharsets.UTF_8);
    }

    private URI uri(String pathAndQuery) {
        return URI.create(base + pathAndQuery);
    }

    private JsonNode getJson(RestClient client, String path) {
        return client.method(HttpMethod.GET).uri(uri(path)).exchange((request, response) -> {
            int status = response.getStatusCode().value();
            if (status != 200) {
                throw new ComfyAnswerException("GET " + withoutId(path), status);
            }
            try (InputStream body = response.getBody()) {
                return JSON.readTree(body);
            } catch (JacksonException e) {
                if (e.getCause() instanceof IOException cause) {
                    throw cause;
                }
                throw new ComfyAnswerException("GET " + path + " is not JSON", status);
            }
        });
    }

    private static String withoutId(String path) {
        return path.replaceAll("/[0-9a-f-]{36}", "");
    }

    private void post(String path, Map<String, ?> body) {
        calls.post()
                .uri(uri(path))
                .contentType(MediaType.APPLICATION_JSON)
                .body(JSON.writeValueAsBytes(body))
                .exchange((request, response) -> {
                    if (!response.getStatusCode().is2xxSuccessful()) {
                        throw new ComfyAnswerException(
                                "POST " + withoutId(path),
                                response.getStatusCode().value());
                    }
                    response.getBody().readAllBytes();
                    return path;
                });
    }

    private static JsonNode readLeniently(InputStream body) throws IOException {
        byte[] bytes = body.readAllBytes();
        try {
            return JSON.readTree(bytes);
        } catch (JacksonException e) {
            return JSON.createObjectNode();
        }
    }

    private static Set<String> ids(JsonNode items) {
        List<String> ids = new ArrayList<>();
        for (JsonNode item : items) {
            ids.add(item.path(1).asString(""));
        }
        return new HashSet<>(ids);
    }
}
