package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.node.NodeValue.Conditioning;
import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.NodeValue.Latent;
import dev.comfygateway.simulator.node.NodeValue.Weights;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Imitates a diffusion model: the same nodes and steps, a painted picture at the end. */
@Component
final class SamplingNodes {

    private static final Set<String> PREVIEWING = Set.of("auto", "latent2rgb", "taesd");

    private final SimulatorProperties properties;
    private final ImageNodes images;

    SamplingNodes(SimulatorProperties properties, ImageNodes images) {
        this.properties = properties;
        this.images = images;
    }

    Map<String, NodeRunner> runners() {
        return Map.of(
                "CheckpointLoaderSimple", this::load,
                "CLIPTextEncode", this::encode,
                "EmptyLatentImage", this::emptyLatent,
                "KSampler", this::sample,
                "LatentUpscale", this::upscale,
                "VAEDecode", this::decode,
                "VAEDecodeTiled", this::decode);
    }

    private NodeOutcome load(NodeCall call) throws NodeFailure {
        String name = call.text("ckpt_name");
        if (!properties.checkpoints().contains(name)) {
            throw ProbeNodes.missingModel(name);
        }
        if (properties.corruptCheckpoints().contains(name)) {
            throw new NodeFailure(
                    "safetensors._safetensors_rust.SafetensorError",
                    "Error while deserializing header: header too large");
        }
        Weights weights = new Weights(name);
        return NodeOutcome.of(weights, weights, weights);
    }

    private NodeOutcome encode(NodeCall call) throws NodeFailure {
        call.link("clip", Weights.class);
        return NodeOutcome.of(new Conditioning(call.text("text")));
    }

    private NodeOutcome emptyLatent(NodeCall call) throws NodeFailure {
        // A latent cell is eight pixels wide, so sizes are rounded down to it.
        int width = call.integer("width") / 8 * 8;
        int height = call.integer("height") / 8 * 8;
        return NodeOutcome.of(new Latent(width, height, call.integer("batch_size"), Scene.EMPTY));
    }

    private NodeOutcome sample(NodeCall call) throws NodeFailure, Interrupted {
        Latent latent = call.link("latent_image", Latent.class);
        String text = String.join(
                "\n",
                call.link("model", Weights.class).checkpoint(),
                call.link("positive", Conditioning.class).text(),
                call.link("negative", Conditioning.class).text(),
                call.text("sampler_name"),
                call.text("scheduler"),
                call.text("cfg"),
                latent.scene().text());
        images.requireMemory(latent.width(), latent.height(), latent.batch());
        Scene scene = new Scene(text, call.literal("seed").asBigInteger().longValue(), call.decimal("denoise"));
        int steps = call.integer("steps");
        BufferedImage preview = preview(call, latent, scene);
        for (int step = 1; step <= steps; step++) {
            ProbeNodes.sleep(properties.stepTime());
            call.progress().step(step, steps, preview);
        }
        return NodeOutcome.of(new Latent(latent.width(), latent.height(), latent.batch(), scene));
    }

    private static @Nullable BufferedImage preview(NodeCall call, Latent latent, Scene scene) {
        boolean wanted =
                PREVIEWING.contains(call.extraData().path("preview_method").asString(""));
        return wanted ? Painter.paint(latent.width() / 8, latent.height() / 8, scene, 0) : null;
    }

    private NodeOutcome upscale(NodeCall call) throws NodeFailure {
        Latent latent = call.link("samples", Latent.class);
        int width = call.integer("width");
        int height = call.integer("height");
        if (width == 0 && height == 0) {
            return NodeOutcome.of(latent);
        }
        if (width == 0) {
            width = (int) Math.round((double) latent.width() * height / latent.height());
        } else if (height == 0) {
            height = (int) Math.round((double) latent.height() * width / latent.width());
        }
        return NodeOutcome.of(
                new Latent(Math.max(64, width / 8 * 8), Math.max(64, height / 8 * 8), latent.batch(), latent.scene()));
    }

    private NodeOutcome decode(NodeCall call) throws NodeFailure {
        call.link("vae", Weights.class);
        Latent latent = call.link("samples", Latent.class);
        images.requireMemory(latent.width(), latent.height(), latent.batch());
        List<BufferedImage> pictures = new ArrayList<>();
        for (int i = 0; i < latent.batch(); i++) {
            pictures.add(Painter.paint(latent.width(), latent.height(), latent.scene(), i));
        }
        return NodeOutcome.of(new Images(pictures));
    }
}
