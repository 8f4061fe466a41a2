package dev.comfygateway.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.EventHeaders;
import dev.comfygateway.contract.offer.JobOffered;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventCodecTests {

    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");
    private static final JobOffered OFFER = new JobOffered("j_1", "default", AT);
    private static final String BODY = "{\"jobId\":\"j_1\",\"pool\":\"default\",\"at\":\"2026-01-02T03:04:05Z\"}";

    private final EventCodec codec = new EventCodec();

    @Test
    void writesCloudEventsHeadersAndTheKey() {
        ProducerRecord<String, byte[]> sent = codec.toRecord(
                "jobs.requested",
                new EventEnvelope<>(
                        "j_1:1", EventCatalog.typeOf(OFFER), "/job-service", "j_1", AT, "acme", "00-trace", OFFER));

        assertThat(sent.key()).isEqualTo("j_1");
        assertThat(sent.partition()).isNull();
        assertThat(header(sent, EventHeaders.SPEC_VERSION)).isEqualTo("1.0");
        assertThat(header(sent, EventHeaders.ID)).isEqualTo("j_1:1");
        assertThat(header(sent, EventHeaders.SOURCE)).isEqualTo("/job-service");
        assertThat(header(sent, EventHeaders.TYPE)).isEqualTo("job.offered.v1");
        assertThat(header(sent, EventHeaders.SUBJECT)).isEqualTo("j_1");
        assertThat(header(sent, EventHeaders.TIME)).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(header(sent, EventHeaders.DATA_SCHEMA))
                .isEqualTo("https://comfygateway.dev/schemas/job/offered/v1.json");
        assertThat(header(sent, EventHeaders.CONTENT_TYPE)).isEqualTo("application/json");
        assertThat(header(sent, EventHeaders.TENANT)).isEqualTo("acme");
        assertThat(header(sent, EventHeaders.TRACEPARENT)).isEqualTo("00-trace");
    }

    @Test
    void leavesOutWhatIsAbsent() {
        Map<String, String> headers = codec.encode(
                        new EventEnvelope<>("id", EventCatalog.typeOf(OFFER), "/test", "j_1", AT, null, null, OFFER))
                .headers();

        assertThat(headers).doesNotContainKeys(EventHeaders.TENANT, EventHeaders.TRACEPARENT);
    }

    @Test
    void readsWhatItKnowsAndIgnoresUnknownFields() {
        String withMore = BODY.substring(0, BODY.length() - 1) + ",\"later\":true}";

        EventEnvelope<?> event =
                codec.decode(received("job.offered.v1", withMore)).orElseThrow();

        assertThat(event.data()).isEqualTo(OFFER);
        assertThat(event.tenant()).isNull();
    }

    @Test
    void skipsUnknownTypesAndVersions() {
        assertThat(codec.decode(received("job.teleported.v1", BODY))).isEmpty();
        assertThat(codec.decode(received("job.offered.v2", BODY))).isEmpty();
    }

    @Test
    void refusesWhatIsNoEvent() {
        assertUndecodable(received("job.offered.v1", "not json"));
        assertUndecodable(received("job.offered.v1", "{\"jobId\":\"j_1\"}"));
        assertUndecodable(received("job.offered.v1", "[]"));
        assertUndecodable(received("job.offered.v1", null));
        assertUndecodable(received("Not A Type", BODY));
        ConsumerRecord<String, byte[]> noHeaders =
                new ConsumerRecord<>("topic", 0, 0, "key", BODY.getBytes(StandardCharsets.UTF_8));
        assertUndecodable(noHeaders);
    }

    @Test
    void namesTheMissingHeader() {
        ConsumerRecord<String, byte[]> noId = received("job.offered.v1", BODY);
        noId.headers().remove(EventHeaders.ID);

        assertThatThrownBy(() -> codec.decode(noId)).hasMessageContaining("ce_id");
    }

    private void assertUndecodable(ConsumerRecord<String, byte[]> consumerRecord) {
        assertThatThrownBy(() -> codec.decode(consumerRecord)).isInstanceOf(UndecodableEventException.class);
    }

    // A tombstone's value is null, whatever the client's annotations say.
    @SuppressWarnings("NullAway")
    private static ConsumerRecord<String, byte[]> received(String type, @Nullable String body) {
        ConsumerRecord<String, byte[]> received =
                new ConsumerRecord<>("topic", 0, 0, "j_1", body == null ? null : body.getBytes(StandardCharsets.UTF_8));
        Map.of(
                        EventHeaders.TYPE, type,
                        EventHeaders.ID, "id",
                        EventHeaders.SOURCE, "/test",
                        EventHeaders.SUBJECT, "j_1",
                        EventHeaders.TIME, "2026-01-02T03:04:05Z")
                .forEach((name, value) -> received.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return received;
    }

    private static String header(ProducerRecord<String, byte[]> sent, String name) {
        return new String(sent.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
