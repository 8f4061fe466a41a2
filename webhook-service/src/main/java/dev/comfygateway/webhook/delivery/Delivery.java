package dev.comfygateway.webhook.delivery;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a delivery, without its body.
 *
 * @param id webhook id, the same for every try
 * @param jobId the job it is about
 * @param tenant owner of the job
 * @param url callback address
 * @param state where it stands
 * @param attempts tries begun since it was created or redelivered
 * @param lastStatus HTTP status of the newest try, or null when there was no answer
 * @param lastError why the newest try failed, or null
 * @param createdAt when the outcome was recorded
 * @param nextAttemptAt when it is due; of meaning only while pending
 */
public record Delivery(
        String id,
        String jobId,
        String tenant,
        String url,
        DeliveryState state,
        int attempts,
        @Nullable Integer lastStatus,
        @Nullable String lastError,
        Instant createdAt,
        Instant nextAttemptAt) {}
