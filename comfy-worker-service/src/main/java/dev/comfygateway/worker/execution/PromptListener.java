package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.comfy.PromptSignal;

/** Hears about a prompt while it is followed, on the follower's thread. */
interface PromptListener {

    /** The server has nothing more to do for the prompt, whatever came of it. May be called more than once. */
    void ended();

    /** A node shows a preview. Who hears it closes the file. */
    void preview(PromptSignal.Picture picture);
}
