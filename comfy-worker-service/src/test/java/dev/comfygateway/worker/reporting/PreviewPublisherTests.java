package dev.comfygateway.worker.reporting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.settings.WorkerIdentity;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.kafka.support.SendResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PreviewPublisherTests {

    private static final Grant GRANT = new Grant(
            "j",
            "at",
            2,
            "default",
            Map.of(),
            List.of(),
            new Grant.Limits(1, 1, 1),
            30,
            "ticket",
            false,
            false,
            null,
            null);

    private final List<ProducerRecord<String, byte[]>> sent = new ArrayList<>();
    private final List<CompletableFuture<SendResult<String, byte[]>>> answers = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private PreviewPublisher publisher;

    @BeforeEach
    @SuppressWarnings("unchecked")
    void open() {
        KafkaOperations<String, byte[]> kafka = mock(KafkaOperations.class);
        when(kafka.send(any(ProducerRecord.class))).thenAnswer(call -> {
            sent.add(call.getArgument(0));
            answers.add(new CompletableFuture<>());
            return answers.getLast();
        });
        Clock clock = mock(Clock.class);
        when(clock.instant()).thenAnswer(call -> now);
        when(clock.millis()).thenAnswer(call -> now.toEpochMilli());
        when(clock.getZone()).thenReturn(ZoneOffset.UTC);
        publisher = new PreviewPublisher(
                kafka, new EventCodec(), clock, new WorkerIdentity("w", "i", "default"), Runnable::run);
    }

    @Test
    void sendsNothingThatNobodyWatches() throws IOException {
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        publisher.want("other", now.plusSeconds(9));
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        publisher.want("at", now.minusSeconds(1));
        publisher.offer(GRANT, picture(FakeComfyUi.png()));

        assertThat(sent).isEmpty();
    }

    @Test
    void sendsTwoASecondAndOneAtATime() throws IOException {
        publisher.want("at", now.plusSeconds(60));
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        assertThat(sent).hasSize(1);
        now = now.plusMillis(2000);
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        assertThat(sent).as("while the first is on its way").hasSize(1);

        answers.getFirst().complete(null);
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        assertThat(sent).hasSize(2);
        answers.getLast().complete(null);
        now = now.plusMillis(499);
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        assertThat(sent).hasSize(2);
        now = now.plusMillis(1);
        publisher.want("at", now.plusSeconds(60));
        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        assertThat(sent).hasSize(3);

        JsonNode data = JsonMapper.shared().readTree(sent.getFirst().value());
        assertThat(sent.getFirst().key()).isEqualTo("j");
        assertThat(data.at("/attempt/attemptId").asString()).isEqualTo("at");
        assertThat(data.path("nodeId").asString()).isEqualTo("5");
        assertThat(Base64.getDecoder().decode(data.path("image").asString())).isEqualTo(FakeComfyUi.png());
    }

    @Test
    void makesLargePicturesSmaller() throws IOException {
        BufferedImage noise = new BufferedImage(1500, 700, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(3);
        for (int x = 0; x < 1500; x++) {
            for (int y = 0; y < 700; y++) {
                noise.setRGB(x, y, random.nextInt());
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(noise, "png", png);
        publisher.want("at", now.plusSeconds(60));

        publisher.offer(GRANT, picture(png.toByteArray()));
        assertThat(sent).hasSize(1);

        JsonNode data = JsonMapper.shared().readTree(sent.getFirst().value());
        byte[] image = Base64.getDecoder().decode(data.path("image").asString());
        assertThat(data.path("contentType").asString()).isEqualTo("image/jpeg");
        assertThat(image).hasSizeLessThanOrEqualTo(PreviewShown.MAX_BYTES);
        BufferedImage small = ImageIO.read(new ByteArrayInputStream(image));
        assertThat((double) small.getWidth() / small.getHeight())
                .isCloseTo(1500.0 / 700, org.assertj.core.data.Offset.offset(0.05));
    }

    @Test
    void goesOnAfterAPictureThatIsNone() throws IOException {
        publisher.want("at", now.plusSeconds(60));
        byte[] damaged = Arrays.copyOf(FakeComfyUi.png(), 100_000);
        Arrays.fill(damaged, 40, 70, (byte) 0x7f);
        for (byte[] none : List.of(new byte[100_000], damaged)) {
            publisher.offer(GRANT, picture(none));
            now = now.plusSeconds(1);
        }

        publisher.offer(GRANT, picture(FakeComfyUi.png()));
        assertThat(sent).hasSize(1);
    }

    private static PromptSignal.Picture picture(byte[] bytes) throws IOException {
        return new PromptSignal.Picture("5", "image/png", TestBackends.spool().take(new ByteArrayInputStream(bytes)));
    }
}
