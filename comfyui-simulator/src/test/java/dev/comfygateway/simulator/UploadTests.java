package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UploadTests extends SimulatorTestSupport {

    private static final byte[] HALF = FormData.png(12, 8, 0x80112233);
    private static final byte[] OPAQUE = FormData.png(12, 8, 0xFF445566);

    private HttpResponse<byte[]> upload(String name, byte[] bytes) {
        return send(new FormData().file("image", name, bytes).to(request("/upload/image")));
    }

    private HttpResponse<byte[]> mask(String name, byte[] bytes, String reference) {
        return send(new FormData()
                .field("original_ref", reference)
                .file("image", name, bytes)
                .to(request("/upload/mask")));
    }

    private int exists(String name) {
        return send(request("/view?type=input&filename=" + name)).statusCode();
    }

    private static String name(HttpResponse<byte[]> answer) {
        return Json.parse(answer.body()).path("name").asString("");
    }

    @Test
    void keepsBytesAsTheyAreUnderTheFolderAskedFor() {
        byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
        HttpResponse<byte[]> answer = send(new FormData()
                .field("type", "temp")
                .field("subfolder", "jobs/42")
                .file("image", "notes.txt", text)
                .to(request("/api/upload/image")));

        assertThat(Json.text(Json.parse(answer.body())))
                .isEqualTo("{\"name\":\"notes.txt\",\"subfolder\":\"jobs/42\",\"type\":\"temp\"}");
        assertThat(send(request("/view?type=temp&subfolder=jobs/42&filename=notes.txt"))
                        .body())
                .isEqualTo(text);
    }

    @Test
    void renamesOtherBytesUnlessTheyMayOverwrite() {
        upload("twice.png", HALF);

        assertThat(name(upload("twice.png", HALF))).isEqualTo("twice.png");
        assertThat(name(upload("twice.png", OPAQUE))).isEqualTo("twice (1).png");
        assertThat(name(upload("twice.png", OPAQUE))).isEqualTo("twice (1).png");
        HttpResponse<byte[]> over = send(new FormData()
                .field("overwrite", "true")
                .file("image", "twice.png", OPAQUE)
                .to(request("/upload/image")));
        assertThat(name(over)).isEqualTo("twice.png");
        assertThat(send(request("/view?type=input&filename=twice.png")).body()).isEqualTo(OPAQUE);
    }

    @ParameterizedTest
    @CsvSource({
        "../up.png, '', input, 400",
        "../../../../tmp/up.png, '', input, 400",
        ".., '', input, 400",
        "., '', input, 500",
        "x/up.png, '', input, 500",
        "up.png, .., input, 400",
        "up.png, ../../etc, input, 400",
        "up.png, /etc, input, 400",
        "up.png, '', models, 500",
        "up.png, '', ../models, 500"
    })
    void writesNothingOutsideItsFolders(String name, String subfolder, String type, int status) {
        HttpResponse<byte[]> answer = send(new FormData()
                .field("subfolder", subfolder)
                .field("type", type)
                .file("image", name, HALF)
                .to(request("/upload/image")));

        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void takesAnAbsoluteNameForARelativeOne() {
        assertThat(name(upload("/absolute.png", HALF))).isEqualTo("absolute.png");
        assertThat(exists("absolute.png")).isEqualTo(200);
    }

    @Test
    void refusesFormsWithoutAFile() {
        assertThat(send(new FormData().field("type", "input").to(request("/upload/image")))
                        .statusCode())
                .isEqualTo(400);
        assertThat(send(new FormData().field("image", "text").to(request("/upload/image")))
                        .statusCode())
                .isEqualTo(500);
        HttpRequest.Builder noForm = request("/upload/image").POST(HttpRequest.BodyPublishers.ofString("x"));
        assertThat(send(noForm.header("Content-Type", "text/plain")).statusCode())
                .isEqualTo(400);
    }

    @Test
    void putsTheOpacityOfAMaskOntoTheOriginal() throws IOException {
        upload("base.png", OPAQUE);

        HttpResponse<byte[]> answer = mask("masked.png", HALF, "{\"filename\":\"base.png\",\"type\":\"input\"}");

        assertThat(name(answer)).isEqualTo("masked.png");
        byte[] stored = send(request("/view?type=input&filename=masked.png")).body();
        assertThat(ImageIO.read(new ByteArrayInputStream(stored)).getRGB(3, 3)).isEqualTo(0x80445566);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"filename\":\"absent.png\",\"type\":\"input\"} | 200",
                "{\"filename\":\"../base.png\",\"type\":\"input\"} | 200",
                "{\"filename\":\"/etc/passwd\",\"type\":\"input\"} | 200",
                "{\"filename\":\"base.png\",\"subfolder\":\"../..\",\"type\":\"input\"} | 200",
                "{\"filename\":\"base.png\",\"type\":\"models\"} | 200",
                "{\"filename\":\"small.png\",\"type\":\"input\"} | 500",
                "{\"type\":\"input\"} | 500",
                "no JSON | 500"
            })
    void writesNoFileWhenAMaskFails(String reference, int status) {
        upload("base.png", OPAQUE);
        upload("small.png", FormData.png(2, 2, 0xFF000000));

        HttpResponse<byte[]> answer = mask("never.png", HALF, reference);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(exists("never.png")).isEqualTo(404);
    }

    @Test
    void refusesMasksThatAreNoPicture() {
        upload("base.png", OPAQUE);
        String reference = "{\"filename\":\"base.png\",\"type\":\"input\"}";

        assertThat(mask("n.png", new byte[] {1, 2}, reference).statusCode()).isEqualTo(500);
        assertThat(mask("n.jpg", HALF, reference).statusCode()).isEqualTo(500);
        assertThat(exists("n.png")).isEqualTo(404);
        assertThat(exists("n.jpg")).isEqualTo(404);
    }
}
