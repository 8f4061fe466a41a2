package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node's outcome depends on: its class, its input values and the same of all above it; node ids do not matter.
 * A client's own {@code is_changed} is believed, as the real server does.
 */
final class CacheKeys {

    private final ObjectNode graph;
    private final Folders folders;
    private final Map<String, String> known = new HashMap<>();

    CacheKeys(ObjectNode graph, Folders folders) {
        this.graph = graph;
        this.folders = folders;
    }

    /** These nodes and all above them. */
    List<String> needed(List<String> outputs) {
        Deque<String> stack = new ArrayDeque<>(outputs);
        Set<String> seen = new LinkedHashSet<>();
        while (!stack.isEmpty()) {
            String id = stack.pop();
            if (seen.add(id)) {
                graph.get(id).path("inputs").forEach(value -> {
                    if (isLink(value)) {
                        stack.push(value.get(0).stringValue());
                    }
                });
            }
        }
        return List.copyOf(seen);
    }

    String of(String id) {
        String key = known.get(id);
        if (key == null) {
            key = compute(id);
            known.put(id, key);
        }
        return key;
    }

    private String compute(String id) {
        ObjectNode node = (ObjectNode) graph.get(id);
        String nodeClass = node.get("class_type").stringValue();
        if (nodeClass.equals("LoadImage") && !node.has("is_changed")) {
            Path file = folders.annotated(node.at("/inputs/image").asString(""));
            node.putArray("is_changed").add(file == null ? "" : sha256(file));
        }
        ArrayNode parts = Json.array().add(nodeClass).add(node.path("is_changed"));
        if (nodeClass.equals("SaveImageWebsocket")) {
            // It says that it has changed whenever it is asked.
            parts.add(System.nanoTime());
        }
        Map<String, JsonNode> inputs = new TreeMap<>();
        node.path("inputs").properties().forEach(entry -> inputs.put(entry.getKey(), entry.getValue()));
        inputs.forEach((name, value) -> {
            parts.add(name);
            if (isLink(value) && graph.has(value.get(0).stringValue())) {
                parts.addArray().add(of(value.get(0).stringValue())).add(value.get(1));
            } else {
                parts.add(value);
            }
        });
        return hex(digest().digest(Json.text(parts).getBytes(StandardCharsets.US_ASCII)));
    }

    static boolean isLink(JsonNode value) {
        return value.isArray()
                && value.size() == 2
                && value.get(0).isString()
                && value.get(1).isIntegralNumber();
    }

    private static String sha256(Path file) {
        MessageDigest digest = digest();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return hex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
