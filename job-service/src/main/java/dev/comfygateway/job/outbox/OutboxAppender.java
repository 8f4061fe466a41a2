package dev.comfygateway.job.outbox;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.kafka.EventCodec;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes events to the outbox in the caller's transaction. The caller holds the lock of the job's row, so that the
 * order of ids is the order of commits for each key.
 */
@Component
public class OutboxAppender {

    private final DatabaseClient database;
    private final EventCodec codec;
    private final JsonMapper json;

    OutboxAppender(DatabaseClient database, EventCodec codec, JsonMapper json) {
        this.database = database;
        this.codec = codec;
        this.json = json;
    }

    public <T extends EventData> Mono<Void> append(String topic, EventEnvelope<T> event) {
        EventCodec.Encoded encoded = codec.encode(event);
        return database.sql(
                        "insert into jobs.outbox (topic, key, headers, payload) values (:topic, :key, :headers, :payload)")
                .bind("topic", topic)
                .bind("key", event.subject())
                .bind("headers", json.writeValueAsString(encoded.headers()))
                .bind("payload", encoded.value())
                .then();
    }
}
