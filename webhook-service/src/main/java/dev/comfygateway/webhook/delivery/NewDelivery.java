package dev.comfygateway.webhook.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A webhook to be stored and sent.
 *
 * @param id webhook id: the id of the outcome's event
 * @param jobId the job it is about
 * @param tenant owner of the job
 * @param url callback address
 * @param event for example {@code job.succeeded}
 * @param body the bytes that are signed and sent
 * @param traceparent trace of the job, or null
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record NewDelivery(
        String id,
        String jobId,
        String tenant,
        String url,
        String event,
        byte[] body,
        @Nullable String traceparent) {}
