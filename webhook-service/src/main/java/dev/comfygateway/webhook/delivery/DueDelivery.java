package dev.comfygateway.webhook.delivery;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A delivery leased to this process for one try.
 *
 * @param id webhook id
 * @param jobId the job it is about
 * @param url callback address
 * @param event for example {@code job.succeeded}
 * @param body the bytes to sign and send
 * @param attempt number of this try, from 1
 * @param lease fences the result: it counts only while the row still has this lease
 * @param traceparent trace of the job, or null
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record DueDelivery(
        String id,
        String jobId,
        String url,
        String event,
        byte[] body,
        int attempt,
        UUID lease,
        @Nullable String traceparent) {}
