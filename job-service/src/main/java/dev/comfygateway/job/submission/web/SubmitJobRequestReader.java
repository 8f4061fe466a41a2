package dev.comfygateway.job.submission.web;

import dev.comfygateway.contract.claim.Grant.InputUse;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.submission.RequestedTime;
import dev.comfygateway.job.submission.SubmissionProperties;
import dev.comfygateway.job.submission.SubmitJobCommand;
import dev.comfygateway.job.workflow.AssetReferences;
import dev.comfygateway.job.workflow.Findings;
import dev.comfygateway.job.workflow.GraphJson;
import dev.comfygateway.job.workflow.TemplateFiller;
import dev.comfygateway.job.workflow.WorkflowTemplate;
import dev.comfygateway.job.workflow.WorkflowTemplates;
import dev.comfygateway.job.workflow.WorkflowValidator;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;
import tools.jackson.core.JacksonException;

/** Makes a command out of a request body; throws {@link ProblemException} with every finding when it cannot. */
@Component
class SubmitJobRequestReader {

    private static final int LONGEST_KEY = 255;
    // Exact in every JSON reader, JavaScript's included.
    private static final long SEED_BOUND = 1L << 53;

    private final SubmissionProperties properties;
    private final WorkflowTemplates templates;
    private final RequestedTimeReader times;
    private final TemplateFiller filler =
            new TemplateFiller(() -> ThreadLocalRandom.current().nextLong(SEED_BOUND));

    SubmitJobRequestReader(SubmissionProperties properties, WorkflowTemplates templates, Clock clock) {
        this.times = new RequestedTimeReader(clock);
        this.properties = properties;
        this.templates = templates;
    }

    SubmitJobCommand read(byte[] body, Caller caller, @Nullable String keyHeader, @Nullable String traceparent) {
        Map<String, Object> request = parse(body);
        Findings findings = new Findings();
        Map<String, Object> metadata = object(request, "metadata", findings);
        String key = key(keyHeader, metadata, findings);
        String callbackUrl = text(request, "callbackUrl", findings);
        String workflowId = text(request, "workflowId", findings);
        Priority priority = Priorities.read(request, Priority.NORMAL, caller, findings);
        String pool = pool(request, findings);
        boolean partial = flag(request, "allowPartialOutputs", findings);
        Map<String, Object> requirements = object(request, "requirements", findings);
        Integer vramMb = vram(requirements, metadata, findings);
        String gpu = gpu(requirements, findings);
        RequestedTime time = times.read(
                request,
                workflowId == null
                        ? null
                        : templates
                                .find(workflowId)
                                .map(WorkflowTemplate::limits)
                                .orElse(null),
                findings);
        Map<String, Object> graph;
        String pointer;
        boolean raw = request.get("workflow") != null;
        if (raw == (request.get("workflowId") != null)) {
            findings.add("/workflow", "give either workflow (a graph in API format) or workflowId");
        }
        if (workflowId != null && !raw) {
            pointer = "";
            graph = fromTemplate(workflowId, request, findings);
        } else {
            pointer = "/workflow";
            graph = rawGraph(request, findings);
        }
        Map<String, List<InputUse>> assets =
                findings.isEmpty() ? AssetReferences.find(graph, pointer, findings) : Map.of();
        if (!findings.isEmpty()) {
            throw invalid(findings);
        }
        checkSize(graph, properties.maxGraphSize(), "A graph");
        checkSize(metadata, properties.maxMetadataSize(), "Metadata");
        if (callbackUrl != null) {
            checkCallback(callbackUrl);
        }
        return new SubmitJobCommand(
                caller.tenant(),
                caller.subject(),
                key,
                sha256(body),
                raw ? null : workflowId,
                graph,
                pointer,
                assets,
                pool,
                vramMb,
                gpu,
                priority,
                time,
                metadata,
                callbackUrl,
                partial,
                traceparent);
    }

    static ProblemException invalid(Findings findings) {
        FieldError first = findings.errors().getFirst();
        return new ProblemException(
                ErrorCode.VALIDATION_ERROR, first.pointer() + " " + first.detail(), findings.errors());
    }

    static Map<String, Object> parse(byte[] body) {
        Map<String, Object> request;
        try {
            request = GraphJson.read(body);
        } catch (JacksonException e) {
            throw new ProblemException(ErrorCode.MALFORMED_REQUEST, "The body must be a JSON object");
        }
        if (request == null) {
            throw new ProblemException(ErrorCode.MALFORMED_REQUEST, "The body must be a JSON object");
        }
        return request;
    }

    private Map<String, Object> fromTemplate(String id, Map<String, Object> request, Findings findings) {
        WorkflowTemplate template = templates
                .find(id)
                .orElseThrow(() ->
                        new ProblemException(ErrorCode.WORKFLOW_NOT_FOUND, "There is no workflow \"" + id + "\""));
        Map<String, Object> inputs = object(request, "inputs", findings);
        Map<String, Object> params = object(request, "params", findings);
        return filler.fill(template, inputs, params, findings);
    }

    private Map<String, Object> rawGraph(Map<String, Object> request, Findings findings) {
        Object graph = request.get("workflow");
        if (!findings.isEmpty()) {
            return Map.of();
        }
        WorkflowValidator.check(graph, "/workflow", findings);
        if (!(graph instanceof Map<?, ?> nodes) || !findings.isEmpty()) {
            return Map.of();
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        nodes.forEach((id, node) -> copy.put(String.valueOf(id), node));
        return copy;
    }

    private static void checkSize(Map<String, Object> value, DataSize limit, String what) {
        if (GraphJson.write(value).getBytes(StandardCharsets.UTF_8).length > limit.toBytes()) {
            throw new ProblemException(
                    ErrorCode.PAYLOAD_TOO_LARGE, what + " may have at most " + limit.toBytes() + " bytes");
        }
    }

    private static @Nullable String key(@Nullable String header, Map<String, Object> metadata, Findings findings) {
        Object requestId = metadata.get("requestId");
        String key;
        String pointer = "/metadata/requestId";
        if (header != null) {
            key = header;
            pointer = "/headers/Idempotency-Key";
        } else if (requestId == null) {
            return null;
        } else if (requestId instanceof String text) {
            key = text;
        } else if (requestId instanceof Number number) {
            key = number.toString();
        } else {
            findings.add(pointer, "must be a string");
            return null;
        }
        if (key.isBlank() || key.length() > LONGEST_KEY || key.chars().anyMatch(Character::isISOControl)) {
            findings.add(pointer, "must have 1 to " + LONGEST_KEY + " printable characters");
            return null;
        }
        return key;
    }

    private String pool(Map<String, Object> request, Findings findings) {
        String pool = text(request, "pool", findings);
        String meant = pool == null ? Topics.DEFAULT_POOL : pool;
        if (!properties.pools().contains(meant)) {
            findings.add("/pool", (pool == null ? "is required: one of " : "is not one of ") + properties.pools());
        }
        return meant;
    }

    private static final int MOST_VRAM_MB = 10_000_000;

    /** Also where queue clients of old put it, in the metadata. */
    private static @Nullable Integer vram(
            Map<String, Object> requirements, Map<String, Object> metadata, Findings findings) {
        Object asked = requirements.get("vramMb");
        if (asked == null) {
            return metadata.get("estimated_vram") instanceof Integer number && number > 0 && number <= MOST_VRAM_MB
                    ? number
                    : null;
        }
        if (asked instanceof Integer number && number > 0 && number <= MOST_VRAM_MB) {
            return number;
        }
        findings.add("/requirements/vramMb", "must be a number of MiB above 0");
        return null;
    }

    private static @Nullable String gpu(Map<String, Object> requirements, Findings findings) {
        Object asked = requirements.get("gpu");
        if (asked instanceof String name && !name.isBlank() && name.length() <= 100 && name.indexOf('\0') < 0) {
            return name;
        }
        if (asked != null) {
            findings.add("/requirements/gpu", "must be part of a GPU's name");
        }
        return null;
    }

    private static @Nullable String text(Map<String, Object> request, String name, Findings findings) {
        Object value = request.get(name);
        if (value == null) {
            return null;
        }
        // Postgres has no text with this character.
        if (value instanceof String text && text.indexOf('\0') < 0) {
            return text;
        }
        findings.add("/" + name, "must be a string");
        return null;
    }

    private static boolean flag(Map<String, Object> request, String name, Findings findings) {
        Object value = request.get(name);
        if (value != null && !(value instanceof Boolean)) {
            findings.add("/" + name, "must be true or false");
        }
        return Boolean.TRUE.equals(value);
    }

    private static Map<String, Object> object(Map<String, Object> request, String name, Findings findings) {
        Object value = request.get(name);
        if (value != null && !(value instanceof Map<?, ?>)) {
            findings.add("/" + name, "must be an object");
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, member) -> copy.put(String.valueOf(key), member));
        }
        return copy;
    }

    private void checkCallback(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw notAllowed("callbackUrl is not a URL");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null || uri.getUserInfo() != null) {
            throw notAllowed("callbackUrl must be an http or https URL with a host and without credentials");
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (properties.callbackDomains().stream().noneMatch(domain -> matches(domain.strip(), host))) {
            throw notAllowed("Callback domain \"" + host + "\" is not in the allowed domains list");
        }
    }

    private static boolean matches(String domain, String host) {
        String lower = domain.toLowerCase(Locale.ROOT);
        if (lower.equals("*")) {
            return true;
        }
        return lower.startsWith("*.") ? host.endsWith(lower.substring(1)) : host.equals(lower);
    }

    private static ProblemException notAllowed(String detail) {
        return new ProblemException(
                ErrorCode.CALLBACK_NOT_ALLOWED, detail, List.of(new FieldError("/callbackUrl", detail)));
    }

    private static String sha256(byte[] body) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
