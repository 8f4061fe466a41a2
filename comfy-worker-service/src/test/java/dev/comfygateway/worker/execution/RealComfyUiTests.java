package dev.comfygateway.worker.execution;

import java.net.URI;
import java.util.Objects;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** The worker with a real ComfyUI, where one with the probe nodes is given. */
@EnabledIfEnvironmentVariable(
        named = "REAL_COMFYUI_URL",
        matches = "http.+",
        disabledReason = "REAL_COMFYUI_URL names no real ComfyUI")
class RealComfyUiTests extends ComfyContract {

    @Override
    URI url() {
        return URI.create(Objects.requireNonNull(System.getenv("REAL_COMFYUI_URL")));
    }
}
