package dev.comfygateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.EventType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is written validates, and every sample ever released is still read. */
class EventContractTests {

    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private final EventCodec codec = new EventCodec();
    private final JsonMapper json = new JsonMapper();

    static Stream<EventType> types() {
        return EventCatalog.all().keySet().stream().sorted(Comparator.comparing(EventType::toString));
    }

    static Stream<EventData> samples() {
        return EventSamples.all().stream();
    }

    @Test
    void everyTypeHasAnObjectToTestWith() {
        assertThat(EventSamples.all().stream().map(EventCatalog::typeOf))
                .containsExactlyInAnyOrderElementsOf(EventCatalog.all().keySet());
    }

    @ParameterizedTest
    @MethodSource("types")
    void everyTypeHasASchemaAndASample(EventType type) throws IOException {
        JsonNode schema = read("/schemas/" + EventCodec.schemaPath(type));

        assertThat(schema.path("$id").asString()).isEqualTo(EventCodec.schemaUri(type));
        assertThat(schema.path("title").asString()).isEqualTo(type.toString());
        assertThat(read("/samples/" + type + ".json").isObject()).isTrue();
    }

    @Test
    void noSchemaIsLeftOver() throws IOException {
        Path root = Path.of("src/main/resources/schemas");
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> root.relativize(file).toString().replace('\\', '/')))
                    .containsExactlyInAnyOrderElementsOf(
                            types().map(EventCodec::schemaPath).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatIsWrittenValidates(EventData data) throws IOException {
        JsonNode written = json.readTree(codec.encode(envelope(data)).value());

        assertThat(schema(EventCatalog.typeOf(data)).validate(written)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatIsWrittenIsReadAsTheSame(EventData data) {
        assertThat(decoded(envelope(data)).data()).isEqualTo(data);
    }

    @ParameterizedTest
    @MethodSource("types")
    void everySampleIsReadAndWrittenBack(EventType type) throws IOException {
        JsonNode sample = read("/samples/" + type + ".json");
        assertThat(schema(type).validate(sample)).isEmpty();

        EventData data = json.treeToValue(sample, EventCatalog.all().get(type));
        EventEnvelope<EventData> decoded = decoded(envelope(data));

        assertThat(json.readTree(codec.encode(decoded).value())).isEqualTo(sample);
    }

    @ParameterizedTest
    @MethodSource("types")
    void everySchemaRefusesAnEmptyObject(EventType type) throws IOException {
        assertThat(schema(type).validate(json.createObjectNode())).isNotEmpty();
    }

    private EventEnvelope<EventData> decoded(EventEnvelope<EventData> event) {
        ProducerRecord<String, byte[]> sent = codec.toRecord("topic", event);
        ConsumerRecord<String, byte[]> received = new ConsumerRecord<>("topic", 0, 0, sent.key(), sent.value());
        sent.headers().forEach(received.headers()::add);
        return codec.decode(received).orElseThrow();
    }

    private static EventEnvelope<EventData> envelope(EventData data) {
        return new EventEnvelope<>(
                "id",
                EventCatalog.typeOf(data),
                "/test",
                "subject",
                Instant.parse("2026-01-02T03:04:05Z"),
                null,
                null,
                data);
    }

    private Schema schema(EventType type) throws IOException {
        return SCHEMAS.getSchema(read("/schemas/" + EventCodec.schemaPath(type)));
    }

    private JsonNode read(String resource) throws IOException {
        try (InputStream in = EventContractTests.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            return json.readTree(in);
        }
    }
}
