package dev.comfygateway.contract.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One event with its CloudEvents 1.0 attributes.
 *
 * @param id unique per source; repeated deliveries of the same event carry the same id
 * @param type what happened
 * @param source the service that says so, for example {@code /job-service}
 * @param subject the job id, worker id or inventory hash it is about; also the record's key
 * @param time when it happened
 * @param tenant whose job it is about, or null when it is about no tenant
 * @param traceparent W3C trace context, or null when there is none
 * @param data the event's own facts
 */
public record EventEnvelope<T extends EventData>(
        String id,
        EventType type,
        String source,
        String subject,
        Instant time,
        @Nullable String tenant,
        @Nullable String traceparent,
        T data) {}
