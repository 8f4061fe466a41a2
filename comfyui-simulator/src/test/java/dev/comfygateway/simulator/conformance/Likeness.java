package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Makes a recorded and a replayed document comparable: ids are translated, and what differs between any two runs of a
 * real server (times, random names, stack traces, printed tensors, facts of the machine, the order of Python's sets) is
 * replaced by its type or sorted.
 */
final class Likeness {

    private static final Set<String> TIMES = Set.of(
            "timestamp", "create_time", "execution_start_time", "execution_end_time", "modified", "created", "elapsed");
    /** Of assets, as texts. */
    private static final Set<String> ASSET_TIMES = Set.of("created_at", "updated_at", "last_access_time");

    private static final Set<String> ASSET_IDS = Set.of("id", "hash", "asset_hash");
    private static final Pattern ASSET_ID =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|blake3:[0-9a-f]{64}");
    private static final Set<String> MACHINE = Set.of(
            "ram_total",
            "ram_free",
            "vram_total",
            "vram_free",
            "torch_vram_total",
            "torch_vram_free",
            "python_version",
            "pytorch_version",
            "argv",
            "comfy_package_versions");
    /** Lists that real servers fill from sets. */
    private static final Set<String> SETS = Set.of("executed", "current_outputs", "dependent_outputs", "nodes");

    private static final Pattern TEMPORARY = Pattern.compile("temp_[a-z]{5}_");
    private static final Pattern USER =
            Pattern.compile("^([a-z]+)_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$");

    private final Map<String, String> ids = new HashMap<>();

    /** The recorded id is that one in this run. */
    void translate(String recorded, String replayed) {
        ids.put(recorded, replayed);
    }

    /** Ids and hashes at the same place of both documents are the same, unless it is known what they are. */
    void learn(JsonNode recorded, JsonNode replayed) {
        if (recorded instanceof ObjectNode object) {
            object.properties().forEach(entry -> {
                JsonNode other = replayed.path(entry.getKey());
                if (ASSET_IDS.contains(entry.getKey()) && isAssetId(entry.getValue()) && isAssetId(other)) {
                    ids.putIfAbsent(entry.getValue().stringValue(), other.stringValue());
                }
                learn(entry.getValue(), other);
            });
            // The entries of a history are named by ids that are known.
            object.propertyNames().stream()
                    .filter(ids::containsKey)
                    .forEach(name -> learn(object.get(name), replayed.path(translated(name))));
        } else if (recorded instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                learn(array.get(i), replayed.path(i));
            }
        }
    }

    private static boolean isAssetId(JsonNode node) {
        return node.isString() && ASSET_ID.matcher(node.stringValue()).matches();
    }

    /** A recorded text with this run's ids. */
    String translated(String recorded) {
        String text = recorded;
        for (var id : ids.entrySet()) {
            text = text.replace(id.getKey(), id.getValue());
        }
        return text;
    }

    JsonNode recorded(JsonNode node) {
        return comparable("", Json.parse(translated(Json.text(node))));
    }

    JsonNode replayed(JsonNode node) {
        return comparable("", node);
    }

    private static JsonNode comparable(String key, JsonNode node) {
        if (TIMES.contains(key) && node.isNumber()) {
            return StringNode.valueOf("time");
        }
        if (ASSET_TIMES.contains(key) && node.isString()) {
            return StringNode.valueOf("time");
        }
        if (key.equals("next_cursor") && node.isString()) {
            // It has a time in it.
            return StringNode.valueOf("cursor");
        }
        if (MACHINE.contains(key)) {
            return StringNode.valueOf("machine");
        }
        if (key.equals("traceback")) {
            return StringNode.valueOf(node.isEmpty() ? "none" : "traceback");
        }
        if (node instanceof ObjectNode object) {
            ObjectNode copy = Json.object();
            object.properties().forEach(entry -> {
                // The one thing the simulator adds, so that nobody takes it for the real server.
                if (!entry.getKey().equals("simulator")) {
                    String name = USER.matcher(entry.getKey()).replaceAll("$1_ID");
                    copy.set(name, comparable(entry.getKey(), entry.getValue()));
                }
            });
            if (copy.has("mime_type") && copy.path("size").isNumber()) {
                copy.put("size", "bytes");
            }
            if (copy.path("content_length").isNumber()) {
                copy.put("content_length", "bytes");
            }
            return copy;
        }
        if (node instanceof ArrayNode array) {
            return list(key, array);
        }
        if (node.isString()) {
            String text = node.stringValue();
            if (text.startsWith("tensor(")) {
                return StringNode.valueOf("tensor");
            }
            text = TEMPORARY.matcher(text).replaceAll("temp_ABCDE_");
            return StringNode.valueOf(USER.matcher(text).replaceAll("$1_ID"));
        }
        return node;
    }

    private static JsonNode list(String key, ArrayNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(item -> items.add(comparable("", item)));
        if (SETS.contains(key)) {
            items.sort(Comparator.comparing(Json::text));
        } else if (key.equals("errors")) {
            items.sort(Comparator.comparing(error -> error.path("details").asString("")));
        } else if (isQueueItem(items)) {
            List<JsonNode> outputs = new ArrayList<>();
            items.get(4).forEach(outputs::add);
            outputs.sort(Comparator.comparing(Json::text));
            items.set(4, Json.array().addAll(outputs));
        }
        return Json.array().addAll(items);
    }

    private static boolean isQueueItem(List<JsonNode> items) {
        return items.size() == 5
                && items.get(0).isNumber()
                && items.get(2).isObject()
                && items.get(3).isObject()
                && items.get(4).isArray();
    }

    /** The fields of an object in a fixed order, for texts that people compare. */
    static String text(JsonNode node) {
        return Json.text(sorted(node));
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ObjectNode object) {
            Map<String, JsonNode> fields = new TreeMap<>();
            object.properties().forEach(entry -> fields.put(entry.getKey(), sorted(entry.getValue())));
            ObjectNode copy = Json.object();
            fields.forEach(copy::set);
            return copy;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode copy = Json.array();
            array.forEach(item -> copy.add(sorted(item)));
            return copy;
        }
        return node;
    }
}
