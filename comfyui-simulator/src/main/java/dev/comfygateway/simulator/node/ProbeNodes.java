package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.node.NodeValue.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Nodes for tests only: they take long, cannot be interrupted, or fail in the known ways. */
@Component
final class ProbeNodes {

    Map<String, NodeRunner> runners() {
        return Map.of(
                "ProbeSlow", ProbeNodes::slow,
                "ProbeBlockingSleep", ProbeNodes::sleepOn,
                "ProbeFail", ProbeNodes::fail,
                "ProbeBlock", ProbeNodes::block,
                "ProbeExpand", ProbeNodes::expand,
                "ProbeAsync", ProbeNodes::later,
                "ProbeText", ProbeNodes::text,
                "ProbeNoUi", ProbeNodes::nothing);
    }

    private static NodeOutcome slow(NodeCall call) throws NodeFailure, Interrupted {
        Images image = call.images("image");
        int steps = call.integer("steps");
        boolean preview = call.literal("preview").asBoolean();
        Duration delay = seconds(call.decimal("delay"));
        for (int i = 0; i < steps; i++) {
            sleep(delay);
            call.progress().step(i + 1, steps, preview ? flat(i * 40 % 255) : null);
        }
        return NodeOutcome.of(image);
    }

    private static NodeOutcome sleepOn(NodeCall call) throws NodeFailure {
        Images image = call.images("image");
        sleep(seconds(call.decimal("seconds")));
        return NodeOutcome.of(image);
    }

    private static NodeOutcome fail(NodeCall call) throws NodeFailure {
        throw switch (call.text("kind")) {
            case "value_error" -> new NodeFailure("ValueError", "probe failure");
            case "oom_torch" ->
                new NodeFailure(
                        "torch.OutOfMemoryError", "CUDA out of memory. Tried to allocate 20.00 GiB (simulated)");
            case "oom_runtime" -> new NodeFailure("RuntimeError", "CUDA error: out of memory (simulated)");
            case "missing_model" -> missingModel("absent.safetensors");
            default -> throw new WorkerDeath();
        };
    }

    private static NodeOutcome block(NodeCall call) throws NodeFailure {
        String message = call.text("message");
        return NodeOutcome.of(new NodeValue.Blocked(message.isEmpty() ? null : message));
    }

    /** Two nodes in a row and a preview of what is between them. */
    private static NodeOutcome expand(NodeCall call) throws NodeFailure {
        String first = call.id() + ".0.0.1";
        String second = call.id() + ".0.0.2";
        ObjectNode one = node("ImageInvert", "image", call.literal(NodeCall.LINK + "image"));
        JsonNode between = Json.array().add(first).add(0);
        ObjectNode two = call.literal("fail").asBoolean()
                ? node("ProbeFail", "image", between)
                : node("ImageInvert", "image", between);
        if (call.literal("fail").asBoolean()) {
            ((ObjectNode) two.get("inputs")).put("kind", "value_error");
        }
        Map<String, ObjectNode> nodes = new LinkedHashMap<>();
        nodes.put(first, one);
        nodes.put(second, two);
        nodes.put(call.id() + ".0.0.3", node("PreviewImage", "images", between));
        return NodeOutcome.expanded(new Expansion(nodes, List.of(second)));
    }

    private static ObjectNode node(String nodeClass, String input, JsonNode value) {
        ObjectNode node = Json.object().put("class_type", nodeClass);
        node.putObject("inputs").set(input, value);
        return node;
    }

    private static NodeOutcome later(NodeCall call) throws NodeFailure {
        return NodeOutcome.later(seconds(call.decimal("seconds")), call.images("image"));
    }

    private static NodeOutcome text(NodeCall call) throws NodeFailure {
        String text = call.text("text");
        call.progress().text(text);
        ObjectNode ui = Json.object();
        ui.putArray("text").add(text);
        return new NodeOutcome(List.of(call.images("image")), ui);
    }

    private static NodeOutcome nothing(NodeCall call) {
        return NodeOutcome.of();
    }

    static NodeFailure missingModel(String name) {
        return new NodeFailure(
                "FileNotFoundError", "Model in folder 'checkpoints' with filename '" + name + "' not found.");
    }

    static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            // Only a shutdown interrupts the worker thread; the next node start sees the flag.
            Thread.currentThread().interrupt();
        }
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    private static BufferedImage flat(int red) {
        BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(red, 80, 160));
        graphics.fillRect(0, 0, 64, 48);
        graphics.dispose();
        return image;
    }
}
