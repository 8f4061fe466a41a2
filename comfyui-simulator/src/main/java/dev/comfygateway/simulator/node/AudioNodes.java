package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.media.FlacWriter;
import dev.comfygateway.simulator.node.NodeValue.Audio;
import dev.comfygateway.simulator.node.OutputFiles.Target;
import java.io.IOException;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The nodes that make and save sound, which is always silence. */
@Component
final class AudioNodes {

    /** An hour of two channels: more would not fit the memory of a small server. */
    private static final double LONGEST = 3600;

    private final OutputFiles files;
    private final String ending;

    AudioNodes(OutputFiles files, SimulatorProperties properties) {
        this.files = files;
        this.ending = properties.dialect().isOld() ? "_.flac" : ".flac";
    }

    Map<String, NodeRunner> runners() {
        return Map.of("EmptyAudio", AudioNodes::empty, "SaveAudio", this::save, "PreviewAudio", this::preview);
    }

    private static NodeOutcome empty(NodeCall call) throws NodeFailure {
        double duration = call.decimal("duration");
        if (duration > LONGEST) {
            throw new NodeFailure("RuntimeError", "[enforce fail at alloc_cpu.cpp:127] err == 0.");
        }
        int rate = call.integer("sample_rate");
        return NodeOutcome.of(new Audio(rate, call.integer("channels"), Math.round(duration * rate)));
    }

    private NodeOutcome save(NodeCall call) throws NodeFailure, IOException {
        return write(call, files.output(call.text("filename_prefix"), 0, 0));
    }

    private NodeOutcome preview(NodeCall call) throws NodeFailure, IOException {
        return write(call, files.temp("ComfyUI"));
    }

    private NodeOutcome write(NodeCall call, Target target) throws NodeFailure, IOException {
        Audio audio = call.link("audio", Audio.class);
        byte[] bytes = FlacWriter.silence(audio.rate(), audio.channels(), audio.samples(), OutputFiles.texts(call));
        return NodeOutcome.shown("audio", files.write(target, 0, ending, bytes));
    }
}
