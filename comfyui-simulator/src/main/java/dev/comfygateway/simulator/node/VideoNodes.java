package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.Clips;
import dev.comfygateway.simulator.media.PngWriter;
import dev.comfygateway.simulator.media.WebpWriter;
import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.NodeValue.Video;
import dev.comfygateway.simulator.node.OutputFiles.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The nodes that save pictures that move. Videos are told under {@code images}: so does the real server. */
@Component
final class VideoNodes {

    private final OutputFiles files;

    VideoNodes(OutputFiles files) {
        this.files = files;
    }

    Map<String, NodeRunner> runners() {
        return Map.of(
                "SaveAnimatedWEBP", this::webp,
                "SaveAnimatedPNG", this::png,
                "SaveWEBM", this::webm,
                "CreateVideo", VideoNodes::create,
                "SaveVideo", this::video,
                "VHS_VideoCombine", this::combine);
    }

    private NodeOutcome webp(NodeCall call) throws NodeFailure, IOException {
        Images images = call.images("images");
        byte[] bytes = WebpWriter.animation(images.images(), frame(call.decimal("fps")));
        return animated(
                files.write(place(call, images), 0, "_.webp", bytes),
                images.images().size() > 1);
    }

    private NodeOutcome png(NodeCall call) throws NodeFailure, IOException {
        Images images = call.images("images");
        byte[] bytes = PngWriter.animation(images.images(), call.decimal("fps"), OutputFiles.texts(call));
        return animated(files.write(place(call, images), 0, "_.png", bytes), true);
    }

    private NodeOutcome webm(NodeCall call) throws NodeFailure, IOException {
        Images images = call.images("images");
        return animated(files.write(place(call, images), 0, "_.webm", Clips.webm(note(call))), true);
    }

    private static NodeOutcome create(NodeCall call) throws NodeFailure {
        return NodeOutcome.of(new Video(call.images("images"), call.decimal("fps")));
    }

    private NodeOutcome video(NodeCall call) throws NodeFailure, IOException {
        Video video = call.link("video", Video.class);
        return animated(files.write(place(call, video.frames()), 0, "_.mp4", Clips.mp4(note(call))), true);
    }

    /** Tells more than a file item has, as the custom node of that name does: also a path of the server. */
    private NodeOutcome combine(NodeCall call) throws NodeFailure, IOException {
        Images images = call.images("images");
        String type = call.literal("save_output").asBoolean() ? "output" : "temp";
        Target target = files.target(type, call.text("filename_prefix"), images.width(), images.height());
        String format = call.text("format");
        double rate = call.decimal("frame_rate");
        ObjectNode first =
                files.write(target, 0, ".png", PngWriter.write(images.images().getFirst(), OutputFiles.texts(call)));
        String still = first.get("filename").stringValue();
        String stem = still.substring(0, still.length() - ".png".length());
        ObjectNode file = switch (format) {
            case "image/webp" ->
                files.writeBeside(target, stem + ".webp", WebpWriter.animation(images.images(), frame(rate)));
            case "video/webm" -> files.writeBeside(target, stem + ".webm", Clips.webm(note(call)));
            default -> files.writeBeside(target, stem + ".mp4", Clips.mp4(note(call)));
        };
        file.put("format", format)
                .put("frame_rate", rate)
                .put("workflow", still)
                .put(
                        "fullpath",
                        "/opt/comfyui/" + type + "/" + target.subfolder() + "/"
                                + file.get("filename").stringValue());
        ObjectNode ui = Json.object();
        ui.putArray("gifs").add(file);
        return new NodeOutcome(List.of(new Video(images, rate)), ui);
    }

    private Target place(NodeCall call, Images images) throws NodeFailure {
        return files.output(call.text("filename_prefix"), images.width(), images.height());
    }

    private static Duration frame(double framesPerSecond) {
        return Duration.ofMillis((long) (1000 / framesPerSecond));
    }

    private static String note(NodeCall call) {
        return String.join("\n", OutputFiles.texts(call).values());
    }

    private static NodeOutcome animated(JsonNode file, boolean moves) {
        ObjectNode ui = Json.object();
        ui.putArray("images").add(file);
        ui.putArray("animated").add(moves);
        return new NodeOutcome(List.of(), ui);
    }
}
