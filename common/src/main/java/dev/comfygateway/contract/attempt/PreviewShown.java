package dev.comfygateway.contract.attempt;

import dev.comfygateway.contract.event.EventData;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A picture that a node shows while it works. Sent only while somebody watches, at most twice a second and 64 KiB
 * large; it may be lost.
 *
 * @param attempt whose prompt it is
 * @param at when it was heard
 * @param nodeId graph node that shows it, or null when unknown
 * @param contentType {@code image/jpeg} or {@code image/png}
 * @param image its bytes in base64
 */
public record PreviewShown(
        AttemptRef attempt, Instant at, @Nullable String nodeId, String contentType, String image)
        implements EventData {

    /** Most bytes a preview may have. */
    public static final int MAX_BYTES = 64 * 1024;
}
