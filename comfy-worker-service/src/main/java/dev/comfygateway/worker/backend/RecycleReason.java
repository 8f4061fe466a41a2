package dev.comfygateway.worker.backend;

import java.util.Locale;

/** Why a ComfyUI process has to be replaced. */
public enum RecycleReason {
    /** Its GPU context is broken: every further prompt would fail, or be wrong. */
    DEVICE_ERROR,
    /** It keeps memory that nothing uses any more. */
    MEMORY_LEAK,
    /** It has run as many prompts as it should. */
    PROMPT_COUNT;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
