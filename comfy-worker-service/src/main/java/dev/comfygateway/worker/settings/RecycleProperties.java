package dev.comfygateway.worker.settings;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How and when a ComfyUI process is replaced.
 *
 * @param command run without a shell: a comma list of its parts, or one text that is split at spaces; or empty
 * @param url address that gets a POST, or empty
 * @param timeout how long the command or the answer may take, and then the new process until it answers
 * @param repeatAfter pause after a try that failed; doubles with each, up to 16 times as long
 * @param afterPrompts replaces it after so many prompts; 0 for never
 * @param leastFreeShare replaces it when everything was unloaded and less VRAM is free than this share of what was free
 *     after its start; 0 for never
 */
@ConfigurationProperties("comfy.worker.recycle")
public record RecycleProperties(
        @DefaultValue List<String> command,
        @Nullable String url,
        @DefaultValue("2m") Duration timeout,
        @DefaultValue("30s") Duration repeatAfter,
        @DefaultValue("0") int afterPrompts,
        @DefaultValue("0") double leastFreeShare) {

    public RecycleProperties {
        command = List.copyOf(command);
    }
}
