package dev.comfygateway.storage;

import static dev.comfygateway.storage.SampleBytes.PNG;
import static dev.comfygateway.storage.SampleBytes.png;
import static dev.comfygateway.storage.SampleBytes.sha256;
import static dev.comfygateway.storage.SampleBytes.slice;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;

/** How the bytes of an asset are read through the service. */
class AssetContentTests extends RunningStorageService {

    @Test
    @Proves("S0-16")
    void streamsContentWithRangesAndConditions() {
        String uri = "/v1/assets/" + id(upload(user("acme"), "a.png", PNG)) + "/content";
        byte[] whole = read(uri, user("acme"))
                .expectStatus()
                .isOk()
                .expectHeader()
                .valueEquals("ETag", "\"" + sha256(PNG) + "\"")
                .expectHeader()
                .valueEquals("X-Content-Type-Options", "nosniff")
                .expectHeader()
                .contentType(MediaType.IMAGE_PNG)
                .expectHeader()
                .contentLength(PNG.length)
                .expectBody()
                .returnResult()
                .getResponseBodyContent();
        assertThat(whole).isEqualTo(PNG);

        assertThat(range(uri, "bytes=10-19", "bytes 10-19/" + PNG.length)).isEqualTo(slice(10, 20));
        assertThat(range(uri, "bytes=199990-", "bytes 199990-199999/200000")).isEqualTo(slice(199_990, 200_000));
        assertThat(range(uri, "bytes=-5", "bytes 199995-199999/200000")).isEqualTo(slice(199_995, 200_000));
        web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .header("Range", "bytes=200000-")
                .exchange()
                .expectStatus()
                .isEqualTo(416)
                .expectHeader()
                .valueEquals("Content-Range", "bytes */200000");
        web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .header("If-None-Match", "\"" + sha256(PNG) + "\"")
                .exchange()
                .expectStatus()
                .isNotModified();
        web.head()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentLength(PNG.length);
    }

    @Test
    @Proves({"S0-16", "S1-47"})
    void givesSmallContentAsBase64() {
        String uri = "/v1/assets/" + id(upload(user("acme"), "a.png", PNG)) + "/content?format=base64";
        read(uri, user("acme"))
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.filename")
                .isEqualTo("a.png")
                .jsonPath("$.contentType")
                .isEqualTo("image/png")
                .jsonPath("$.size")
                .isEqualTo(PNG.length)
                .jsonPath("$.data")
                .isEqualTo(Base64.getEncoder().encodeToString(PNG));

        String large = "/v1/assets/" + id(upload(user("acme"), "b.png", png(600_000))) + "/content?format=base64";
        read(large, user("acme")).expectStatus().isEqualTo(413);
    }

    @Test
    void sendsWhatCouldRunScriptsAsAttachment() {
        byte[] svg = "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".getBytes(StandardCharsets.UTF_8);
        String uri = "/v1/assets/" + id(upload(user("acme"), "x.png", svg)) + "/content";
        read(uri, user("acme"))
                .expectHeader()
                .contentType("image/svg+xml")
                .expectHeader()
                .valueMatches("Content-Disposition", "attachment; .*");
    }

    private byte @Nullable [] range(String uri, String range, String contentRange) {
        return web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .header("Range", range)
                .exchange()
                .expectStatus()
                .isEqualTo(206)
                .expectHeader()
                .valueEquals("Content-Range", contentRange)
                .expectBody()
                .returnResult()
                .getResponseBodyContent();
    }
}
