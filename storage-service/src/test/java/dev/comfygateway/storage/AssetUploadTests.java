package dev.comfygateway.storage;

import static dev.comfygateway.storage.SampleBytes.PNG;
import static dev.comfygateway.storage.SampleBytes.sha256;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.MediaType;
import org.springframework.http.client.MultipartBodyBuilder;
import tools.jackson.databind.JsonNode;

/** What clients upload: taken, refused, given back and deleted. */
class AssetUploadTests extends RunningStorageService {

    @Test
    @Proves({"S0-65", "S2-8"})
    void givesBackWhatWasUploadedThroughThePresignedLink() throws Exception {
        JsonNode asset = upload(user("acme"), "portrait.png", PNG);

        assertThat(asset.path("filename").asString()).isEqualTo("portrait.png");
        assertThat(asset.path("contentType").asString()).isEqualTo("image/png");
        assertThat(asset.path("size").asLong()).isEqualTo(PNG.length);
        assertThat(asset.path("sha256").asString()).isEqualTo(sha256(PNG));
        String url = asset.path("url").asString();
        assertThat(url)
                .startsWith(s3.endpoint().replace("127.0.0.1", "localhost") + "/" + S3Process.BUCKET + "/assets/");
        HttpResponse<byte[]> got = get(url);
        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(got.body()).isEqualTo(PNG);
        assertThat(got.headers().firstValue("content-disposition"))
                .hasValue("inline; filename=\"portrait.png\"; filename*=UTF-8''portrait.png");
    }

    @Test
    void takesAFormWithItsFileAndKeepsUnicodeNames() {
        MultipartBodyBuilder form = new MultipartBodyBuilder();
        form.part("note", "ignored");
        form.part("file", new ByteArrayResource(PNG)).filename("Größe 猫 \u202Egnp.exe.png");
        JsonNode asset = requireNonNull(web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .bodyValue(form.build())
                .exchange()
                .expectStatus()
                .isCreated()
                .expectHeader()
                .valueMatches("Location", "/v1/assets/as_[0-9a-f]{32}")
                .expectBody(JsonNode.class)
                .returnResult()
                .getResponseBody());
        assertThat(asset.path("filename").asString()).isEqualTo("Größe 猫 gnp.exe.png");

        web.get()
                .uri(asset.path("contentUrl").asString())
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .valueEquals(
                        "Content-Disposition",
                        "inline; filename=\"Gr__e _ gnp.exe.png\";"
                                + " filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E7%8C%AB%20gnp.exe.png");
    }

    @Test
    void takesAFilenameHeaderInUtf8() {
        assertThat(upload(user("acme"), "%E7%8C%AB.png", PNG).path("filename").asString())
                .isEqualTo("猫.png");
    }

    @Test
    void needsAFilePartInAForm() {
        MultipartBodyBuilder form = new MultipartBodyBuilder();
        form.part("other", "x");
        web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .bodyValue(form.build())
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("VALIDATION_ERROR");
    }

    @Test
    void refusesEmptyAndTooLargeUploads() {
        uploadFails("acme", new byte[0], 400, "VALIDATION_ERROR");
        uploadFails("acme", new byte[1024 * 1024 + 1], 413, "UPLOAD_TOO_LARGE");

        MultipartBodyBuilder form = new MultipartBodyBuilder();
        form.part("file", new ByteArrayResource(new byte[1024 * 1024 + 1])).filename("big.bin");
        web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .bodyValue(form.build())
                .exchange()
                .expectStatus()
                .isEqualTo(413)
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("UPLOAD_TOO_LARGE");
    }

    @Test
    void deletesAnAssetWithItsBytes() throws Exception {
        JsonNode asset = upload(user("acme"), "a.png", PNG);
        String path = "/v1/assets/" + id(asset);
        web.delete()
                .uri(path)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .exchange()
                .expectStatus()
                .isNoContent();
        read(path, user("acme")).expectStatus().isNotFound();
        assertThat(get(asset.path("url").asString()).statusCode()).isEqualTo(404);
    }

    private void uploadFails(String tenant, byte[] bytes, int status, String code) {
        web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user(tenant)))
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .bodyValue(bytes)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo(code);
    }
}
