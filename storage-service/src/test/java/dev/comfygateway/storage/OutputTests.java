package dev.comfygateway.storage;

import static dev.comfygateway.storage.SampleBytes.PNG;
import static dev.comfygateway.storage.SampleBytes.png;
import static dev.comfygateway.storage.SampleBytes.sha256;
import static dev.comfygateway.storage.SampleBytes.slice;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.contract.asset.UploadRequest.UploadFile;
import dev.comfygateway.id.Ids;
import dev.comfygateway.testing.Proves;
import java.net.URI;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What workers announce, put and complete by their tickets. */
class OutputTests extends WorkerOutputs {

    @Test
    @Proves("S2-6")
    void verifiesWhatAWorkerPuts() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "ComfyUI_00001_.png", PNG);
        assertThat(URI.create(target.url()).getPath())
                .isEqualTo("/" + S3Process.BUCKET + "/jobs/" + job.id + "/" + job.attempt + "/0_ComfyUI_00001_.png");
        assertThat(target.headers())
                .containsEntry("Content-Type", "image/png")
                .containsEntry("If-None-Match", "*")
                .containsKey("x-amz-checksum-sha256");
        read("/v1/assets/" + target.assetId(), user("acme")).expectStatus().isNotFound();
        // Nothing is there yet.
        complete(job, target).expectStatus().isEqualTo(502);

        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(200);
        for (int i = 0; i < 2; i++) {
            AssetList list = requireNonNull(complete(job, target)
                    .expectStatus()
                    .isOk()
                    .expectBody(AssetList.class)
                    .returnResult()
                    .getResponseBody());
            assertThat(list.assets()).hasSize(1);
            assertThat(list.assets().getFirst().assetId()).isEqualTo(target.assetId());
            assertThat(list.assets().getFirst().tenant()).isEqualTo("acme");
        }
        LinkAnswer links = links("acme", List.of(target.assetId(), Ids.newAssetId()), LinkRequest.PUBLIC);
        assertThat(links.links()).containsOnlyKeys(target.assetId());
        assertThat(get(String.valueOf(links.links().get(target.assetId()))).body())
                .isEqualTo(PNG);
        assertThat(links("other", List.of(target.assetId()), LinkRequest.PUBLIC).links())
                .isEmpty();
        assertThat(links("acme", List.of(target.assetId()), LinkRequest.INTERNAL)
                        .links()
                        .get(target.assetId()))
                .startsWith(s3.endpoint());
    }

    @Test
    void signsLengthTypeChecksumAndConditionIntoThePut() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "a.png", PNG);
        byte[] other = png(PNG.length).clone();
        other[500]++;

        assertThat(target.url()).contains("X-Amz-Expires=300");
        assertThat(target.url())
                .contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match"
                        + "%3Bx-amz-checksum-sha256");
        String tampered = target.url().substring(0, target.url().length() - 4) + "0000";
        assertThat(put(tampered, target.headers(), PNG)).isIn(403, CLOSED);
        assertThat(put(target.url().replace("0_a.png", "1_a.png"), target.headers(), PNG))
                .isIn(403, CLOSED);
        assertThat(put(target.url(), with(target.headers(), "Content-Type", "text/html"), PNG))
                .isIn(403, CLOSED);
        assertThat(put(target.url(), with(target.headers(), "If-None-Match", "\"x\""), PNG))
                .isIn(403, CLOSED);
        assertThat(put(target.url(), target.headers(), slice(0, 1000))).isIn(403, CLOSED);
        assertThat(put(
                        target.url(),
                        with(
                                target.headers(),
                                "x-amz-checksum-sha256",
                                Base64.getEncoder()
                                        .encodeToString(HexFormat.of().parseHex(sha256(other)))),
                        other))
                .isIn(403, CLOSED);

        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(200);
        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(412);
    }

    @Test
    void refusesWrongBytesAtCompletionAndTakesTheRightOnesAfterwards() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "a.png", PNG);
        byte[] other = PNG.clone();
        other[500]++;
        // Stands for a store that does not compare checksums: the bytes get there by the administrator's key.
        S3Admin.put(s3.endpoint(), "jobs/" + job.id + "/" + job.attempt + "/0_a.png", other);

        complete(job, target)
                .expectStatus()
                .is5xxServerError()
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("OUTPUT_INVALID");
        read("/v1/assets/" + target.assetId(), user("acme")).expectStatus().isNotFound();

        UploadTarget again = announce(job, 0, "a.png", PNG);
        assertThat(again.assetId()).isEqualTo(target.assetId());
        assertThat(put(again.url(), again.headers(), PNG)).isEqualTo(200);
        complete(job, again).expectStatus().isOk();
    }

    @Test
    void keepsATicketToItsAttemptAndTenant() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "a.png", PNG);
        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(200);
        complete(new Job("acme"), target).expectStatus().isNotFound();
        complete(new Job("other"), target).expectStatus().isNotFound();

        String input = id(upload(user("acme"), "in.png", PNG));
        String link = "/internal/ticket-assets/" + input + "/link";
        JsonNode answer = requireNonNull(read(link, job.ticket())
                .expectStatus()
                .isOk()
                .expectBody(JsonNode.class)
                .returnResult()
                .getResponseBody());
        assertThat(answer.path("url").asString()).startsWith(s3.endpoint());
        assertThat(get(answer.path("url").asString()).body()).isEqualTo(PNG);
        read(link, new Job("other").ticket()).expectStatus().isNotFound();
        read(link, user("acme")).expectStatus().isForbidden();
        read("/internal/assets?tenant=acme&ids=" + input, job.ticket())
                .expectStatus()
                .isForbidden();
    }

    @Test
    void refusesImpossibleAnnouncements() {
        Job job = new Job("acme");
        UploadRequest request = new UploadRequest(List.of(new UploadFile(-1, "a", "nonsense", 0, "XYZ")));
        post("/internal/uploads", job.ticket(), request)
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.errors.length()")
                .isEqualTo(4);
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        Map<String, String> changed = new HashMap<>(headers);
        changed.put(name, value);
        return changed;
    }
}
