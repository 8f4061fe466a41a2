package dev.comfygateway.kafka;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.EventHeaders;
import dev.comfygateway.contract.event.EventType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns events into Kafka records and back: CloudEvents 1.0, binary mode, JSON data.
 *
 * <p>Thread safe; never blocks.
 */
public final class EventCodec {

    private static final String SCHEMA_BASE = "https://comfygateway.dev/schemas/";

    private final JsonMapper json = JsonMapper.builder()
            .annotationIntrospector(new NullnessIntrospector())
            .build();

    /** An event as it is stored in an outbox and sent: headers and value, still without a topic. */
    @SuppressWarnings("ArrayRecordComponent") // made and read on the hot path; never compared
    public record Encoded(Map<String, String> headers, byte[] value) {}

    public <T extends EventData> Encoded encode(EventEnvelope<T> event) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(EventHeaders.SPEC_VERSION, "1.0");
        headers.put(EventHeaders.ID, event.id());
        headers.put(EventHeaders.SOURCE, event.source());
        headers.put(EventHeaders.TYPE, event.type().toString());
        headers.put(EventHeaders.SUBJECT, event.subject());
        headers.put(EventHeaders.TIME, event.time().toString());
        headers.put(EventHeaders.DATA_SCHEMA, schemaUri(event.type()));
        headers.put(EventHeaders.CONTENT_TYPE, "application/json");
        if (event.tenant() != null) {
            headers.put(EventHeaders.TENANT, event.tenant());
        }
        if (event.traceparent() != null) {
            headers.put(EventHeaders.TRACEPARENT, event.traceparent());
        }
        return new Encoded(headers, json.writeValueAsBytes(event.data()));
    }

    /** The record for a topic, keyed by the event's subject; the partition is left to the key. */
    public <T extends EventData> ProducerRecord<String, byte[]> toRecord(String topic, EventEnvelope<T> event) {
        return toRecord(topic, event.subject(), encode(event));
    }

    public ProducerRecord<String, byte[]> toRecord(String topic, String key, Encoded encoded) {
        ProducerRecord<String, byte[]> producerRecord = new ProducerRecord<>(topic, key, encoded.value());
        encoded.headers()
                .forEach((name, value) -> producerRecord.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return producerRecord;
    }

    /**
     * Reads a record.
     *
     * @return the event, or empty when its type is not known to this version: consumers count and skip those
     * @throws UndecodableEventException when required headers are missing or the data does not fit its type
     */
    public Optional<EventEnvelope<EventData>> decode(ConsumerRecord<String, byte[]> consumerRecord) {
        Headers headers = consumerRecord.headers();
        String typeText = required(headers, EventHeaders.TYPE);
        EventType type;
        try {
            type = EventType.parse(typeText);
        } catch (IllegalArgumentException e) {
            throw new UndecodableEventException("Not an event type: " + typeText, e);
        }
        Optional<Class<? extends EventData>> dataClass = EventCatalog.dataClass(type);
        if (dataClass.isEmpty()) {
            return Optional.empty();
        }
        if (consumerRecord.value() == null) {
            throw new UndecodableEventException("No data in " + typeText, null);
        }
        try {
            return Optional.of(new EventEnvelope<>(
                    required(headers, EventHeaders.ID),
                    type,
                    required(headers, EventHeaders.SOURCE),
                    required(headers, EventHeaders.SUBJECT),
                    Instant.parse(required(headers, EventHeaders.TIME)),
                    optional(headers, EventHeaders.TENANT),
                    optional(headers, EventHeaders.TRACEPARENT),
                    json.readValue(consumerRecord.value(), dataClass.get())));
        } catch (JacksonException | java.time.format.DateTimeParseException e) {
            throw new UndecodableEventException("Data does not fit " + typeText, e);
        }
    }

    /** Identifier of the JSON Schema of a type; the file is in this module under {@code schemas/}. */
    public static String schemaUri(EventType type) {
        return SCHEMA_BASE + schemaPath(type);
    }

    /** Path of the JSON Schema of a type below {@code schemas/}. */
    public static String schemaPath(EventType type) {
        int dot = type.name().indexOf('.');
        return type.name().substring(0, dot) + "/" + type.name().substring(dot + 1) + "/v" + type.version() + ".json";
    }

    private static String required(Headers headers, String name) {
        String value = optional(headers, name);
        if (value == null) {
            throw new UndecodableEventException("Header " + name + " is missing", null);
        }
        return value;
    }

    private static @Nullable String optional(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
