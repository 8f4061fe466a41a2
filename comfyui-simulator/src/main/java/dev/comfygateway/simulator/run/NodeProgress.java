package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.node.Interrupted;
import dev.comfygateway.simulator.node.NodeCall;
import dev.comfygateway.simulator.socket.PreviewFrames;
import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/** Tells what a node says while it runs; before each step it may be stopped. */
record NodeProgress(String id, PromptEvents events, Check check) implements NodeCall.Progress {

    /** Looks whether the prompt shall stop. */
    @FunctionalInterface
    interface Check {
        void run() throws Interrupted;
    }

    @Override
    public void step(int value, int max, @Nullable BufferedImage preview) throws Interrupted {
        check.run();
        events.step(id, value, max, preview == null ? null : PreviewFrames.preview(preview));
    }

    @Override
    public void picture(int value, int max, BufferedImage picture) throws Interrupted {
        check.run();
        events.step(id, value, max, PreviewFrames.whole(picture));
    }

    @Override
    public void text(String text) {
        events.text(id, text);
    }
}
