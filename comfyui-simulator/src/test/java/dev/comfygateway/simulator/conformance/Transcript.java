package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Compares what one socket heard with what it heard when it was recorded. */
final class Transcript {

    private static final Pattern COUNTER = Pattern.compile("_\\d{5}(_?\\.)");

    private final String client;
    private final List<JsonNode> recorded;
    private final List<JsonNode> replayed;

    /** Of comparable messages. */
    Transcript(String client, List<JsonNode> recorded, List<JsonNode> replayed) {
        Set<String> timed = timed(recorded);
        this.client = client;
        this.recorded = withoutSteps(recorded, timed);
        this.replayed = withoutSteps(replayed, timed);
    }

    List<Difference> differences() {
        return differences(texts(recorded), texts(replayed));
    }

    /** The same messages in any order of nodes: running totals and file counters follow the order. */
    List<Difference> differencesInAnyOrder() {
        return differences(unordered(recorded), unordered(replayed));
    }

    private List<Difference> differences(List<String> expected, List<String> actual) {
        for (int i = 0; i < Math.max(expected.size(), actual.size()); i++) {
            String wanted = i < expected.size() ? expected.get(i) : "nothing";
            String got = i < actual.size() ? actual.get(i) : "nothing";
            if (!wanted.equals(got)) {
                return List.of(new Difference(
                        "socket " + client, "message " + i + "\n  recorded " + wanted + "\n  replayed " + got));
            }
        }
        return List.of();
    }

    private static List<String> texts(List<JsonNode> messages) {
        return messages.stream().map(Likeness::text).toList();
    }

    private static List<String> unordered(List<JsonNode> messages) {
        List<String> texts = new ArrayList<>();
        Map<String, JsonNode> before = new HashMap<>();
        for (JsonNode message : messages) {
            texts.add(withoutCounters(Likeness.text(isState(message) ? change(message, before) : message)));
        }
        texts.sort(null);
        return texts;
    }

    static String withoutCounters(String text) {
        return COUNTER.matcher(text).replaceAll("_NNNNN$1");
    }

    private static JsonNode change(JsonNode message, Map<String, JsonNode> before) {
        String prompt = message.at("/data/prompt_id").asString("");
        ObjectNode copy = (ObjectNode) message.deepCopy();
        ObjectNode nodes = (ObjectNode) copy.at("/data/nodes");
        JsonNode old = before.getOrDefault(prompt, Json.object());
        before.put(prompt, message.at("/data/nodes"));
        for (String id : List.copyOf(nodes.propertyNames())) {
            if (nodes.get(id).equals(old.get(id))) {
                nodes.remove(id);
            }
        }
        return copy;
    }

    /** How many steps a node makes before somebody interrupts it, or while nobody listens, is a matter of time. */
    private static Set<String> timed(List<JsonNode> messages) {
        Set<String> started = new HashSet<>();
        Set<String> finished = new HashSet<>();
        Set<String> stepping = new HashSet<>();
        for (JsonNode message : messages) {
            String prompt = message.at("/data/prompt_id").asString("");
            switch (message.path("type").asString("")) {
                case "execution_start" -> started.add(prompt);
                case "execution_success", "execution_error" -> finished.add(prompt);
                case "progress" -> stepping.add(prompt);
                default -> {}
            }
        }
        started.retainAll(finished);
        stepping.removeAll(started);
        return stepping;
    }

    private static List<JsonNode> withoutSteps(List<JsonNode> messages, Set<String> timed) {
        List<JsonNode> result = new ArrayList<>();
        Set<String> stepped = new HashSet<>();
        for (JsonNode message : messages) {
            String prompt = message.at("/data/prompt_id").asString("");
            if (!timed.contains(prompt) || !isStep(message)) {
                result.add(message);
            } else if (stepped.add(prompt)) {
                result.add(Json.object().put("type", "steps of " + prompt));
            }
        }
        return result;
    }

    /** Whether it tells a step of a node: its progress, or the totals with a step in them. */
    static boolean isStep(JsonNode message) {
        if (message.path("type").asString("").equals("progress")) {
            return true;
        }
        for (JsonNode node : message.at("/data/nodes")) {
            if (node.path("state").asString("").equals("running")
                    && node.path("value").isIntegralNumber()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isState(JsonNode message) {
        return message.path("type").asString("").equals("progress_state");
    }
}
