package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(properties = {"comfy.simulator.dialect=old", "comfy.simulator.assets=true"})
class OldRoutesTests extends SimulatorTestSupport {

    private void put(String name) {
        send(new FormData()
                .field("overwrite", "1")
                .file("image", name, "hello".getBytes(StandardCharsets.UTF_8))
                .to(request("/upload/image")));
    }

    @ParameterizedTest
    @CsvSource({
        "page.html, application/octet-stream",
        "sheet.css, application/octet-stream",
        "script.mjs, application/octet-stream",
        "pic.svg, image/svg+xml",
        "data.xml, application/xml",
        "sound.wav, audio/x-wav"
    })
    void sendsEveryFileForShowing(String name, String type) {
        put(name);

        HttpResponse<byte[]> answer = send(request("/view?type=input&filename=" + name));

        assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(answer.headers().firstValue("Content-Disposition")).hasValue("filename=\"" + name + "\"");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).isEmpty();
        assertThat(answer.headers().firstValue("Vary")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/global_subgraphs",
                "/node_replacements",
                "/api/jobs",
                "/api/api/jobs",
                "/assets",
                "/api/assets",
                "/api/tags",
                "/api/assets/seed/status",
                "/view?filename=blake3:00"
            })
    void hasNoNewerRoutes(String path) {
        assertThat(send(request(path)).statusCode()).isEqualTo(404);
    }

    @Test
    void namesFilesWithoutTheirFolder() {
        put("listed.txt");

        assertThat(get("/internal/files/input").valueStream().map(name -> name.asString()))
                .contains("listed.txt");
        assertThat(get("/models")).hasSize(20);
        assertThat(get("/experiment/models").get(0).propertyNames()).containsExactly("name", "folders");
    }

    @Test
    void countsTheTimesOfUserFilesInSeconds() {
        send(request("/userdata/old%2Fa.json").POST(HttpRequest.BodyPublishers.ofString("{}")));

        assertThat(get("/userdata?dir=old&full_info=true")
                        .get(0)
                        .get("modified")
                        .isDouble())
                .isTrue();
        assertThat(send(request("/userdata/old%2Fa.json")).headers().firstValue("Content-Disposition"))
                .isEmpty();
    }

    @Test
    void letsCrossSiteRequestsPassAndTakesAnyUserName() {
        assertThat(send(request("/prompt").header("Sec-Fetch-Site", "cross-site"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(request("/users").POST(HttpRequest.BodyPublishers.ofString("{\"username\":\"__x\"}")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(request("/users").POST(HttpRequest.BodyPublishers.ofString("{}")))
                        .statusCode())
                .isEqualTo(500);
    }

    @Test
    void givesOutputsNoIds() {
        assertThat(run(chain(1, slow(1, 0, false))).at("/outputs/3/images/0").propertyNames())
                .containsExactly("filename", "subfolder", "type");
    }
}
