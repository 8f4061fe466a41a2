package dev.comfygateway.job.outbox;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.job.transaction.WriteSet;
import dev.comfygateway.kafka.EventCodec;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Adds events to what the caller writes to the database. The caller holds the lock of the job's row, so that the
 * order of ids is the order of commits for each key.
 */
@Component
public class OutboxAppender {

    private final EventCodec codec;
    private final JsonMapper json;

    OutboxAppender(EventCodec codec, JsonMapper json) {
        this.codec = codec;
        this.json = json;
    }

    public <T extends EventData> void append(WriteSet writes, String topic, EventEnvelope<T> event) {
        EventCodec.Encoded encoded = codec.encode(event);
        int n = writes.size();
        writes.insert(
                        "jobs.outbox (topic, key, headers, payload)",
                        ":topic%1$d, :key%1$d, :headers%1$d, :payload%1$d".formatted(n))
                .bind("topic" + n, topic)
                .bind("key" + n, event.subject())
                .bind("headers" + n, json.writeValueAsString(encoded.headers()))
                .bind("payload" + n, encoded.value());
    }
}
