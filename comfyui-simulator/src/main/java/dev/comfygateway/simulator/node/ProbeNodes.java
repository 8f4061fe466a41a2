package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.node.NodeValue.Images;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Nodes for tests only: they take long, cannot be interrupted, or fail in the known ways. */
@Component
final class ProbeNodes {

    Map<String, NodeRunner> runners() {
        return Map.of(
                "ProbeSlow", ProbeNodes::slow,
                "ProbeBlockingSleep", ProbeNodes::block,
                "ProbeFail", ProbeNodes::fail);
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

    private static NodeOutcome block(NodeCall call) throws NodeFailure {
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
