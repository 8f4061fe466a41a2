package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ViewTests extends SimulatorTestSupport {

    private static final int HALF_RED = 0x80FF0000;

    @BeforeEach
    void upload() {
        put("seen.png", FormData.png(40, 30, HALF_RED));
        put("page.html", "<script>".getBytes(StandardCharsets.UTF_8));
        put("pic.svg", "<svg/>".getBytes(StandardCharsets.UTF_8));
        put("notes.txt", "hello".getBytes(StandardCharsets.UTF_8));
    }

    private void put(String name, byte[] bytes) {
        send(new FormData().field("overwrite", "1").file("image", name, bytes).to(request("/upload/image")));
    }

    private HttpResponse<byte[]> view(String query) {
        return send(request("/view?type=input&filename=" + query));
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static BufferedImage decode(HttpResponse<byte[]> answer) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(answer.body()));
    }

    @Test
    void writesPreviewsInTheFormatAskedFor() throws IOException {
        HttpResponse<byte[]> webp = view("seen.png&preview=webp;80");
        HttpResponse<byte[]> jpeg = view("seen.png&preview=jpeg;60");
        HttpResponse<byte[]> other = view("seen.png&preview=avif");

        assertThat(header(webp, "Content-Type")).isEqualTo("image/webp");
        assertThat(header(webp, "Content-Disposition")).isEqualTo("filename=\"seen.png\"");
        assertThat(header(webp, "ETag")).isEmpty();
        assertThat(decode(webp).getRGB(5, 5)).isEqualTo(HALF_RED);
        assertThat(header(jpeg, "Content-Type")).isEqualTo("image/jpeg");
        assertThat(decode(jpeg).getWidth()).isEqualTo(40);
        assertThat(header(other, "Content-Type")).isEqualTo("image/webp");
        assertThat(view("notes.txt&preview=webp").statusCode()).isEqualTo(500);
        assertThat(view("seen.png&preview=webp;500").statusCode()).isEqualTo(500);
    }

    @Test
    void makesJpegsOfLowerQualitySmaller() throws IOException {
        put("painted.png", view(run(textToImage("a lighthouse", 1, 128)).at("/outputs/9/images/0")));

        assertThat(view("painted.png&preview=jpeg;10").body().length)
                .isLessThan(view("painted.png&preview=jpeg;95").body().length);
    }

    @Test
    void separatesColourFromOpacity() throws IOException {
        BufferedImage colour = decode(view("seen.png&channel=rgb"));
        BufferedImage opacity = decode(view("seen.png&channel=a"));

        assertThat(colour.getColorModel().hasAlpha()).isFalse();
        assertThat(colour.getRGB(1, 1)).isEqualTo(0xFFFF0000);
        assertThat(opacity.getRGB(1, 1)).isEqualTo(0x80000000);
        assertThat(view("seen.png&channel=zzz").body())
                .isEqualTo(view("seen.png").body());
    }

    @Test
    void sendsFilesWithTheirTags() {
        HttpResponse<byte[]> answer = view("notes.txt");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("text/plain");
        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "ETag")).matches("\"[0-9a-f]+-5\"");
        assertThat(header(answer, "Last-Modified")).endsWith(" GMT");
        assertThat(header(answer, "Accept-Ranges")).isEqualTo("bytes");
        assertThat(header(answer, "Cache-Control")).isEmpty();
        HttpResponse<byte[]> head =
                send(request("/view?type=input&filename=notes.txt").HEAD());
        assertThat(header(head, "Content-Length")).isEqualTo("5");
        assertThat(head.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=0-1, 206, bytes 0-1/5, he",
        "bytes=-2, 206, bytes 3-4/5, lo",
        "bytes=2-, 206, bytes 2-4/5, llo",
        "bytes=0-99, 206, bytes 0-4/5, hello",
        "bytes=5-, 416, bytes */5, ''",
        "'bytes=0-1,3-4', 416, bytes */5, ''",
        "x, 416, bytes */5, ''"
    })
    void sendsParts(String range, int status, String contentRange, String content) {
        HttpResponse<byte[]> answer =
                send(request("/view?type=input&filename=notes.txt").header("Range", range));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Content-Range")).isEqualTo(contentRange);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(content);
    }

    @Test
    void honoursConditions() {
        HttpResponse<byte[]> whole = view("notes.txt");
        String etag = header(whole, "ETag");
        String modified = header(whole, "Last-Modified");
        String longAgo = "Sun, 22 Nov 2020 09:57:24 GMT";

        assertThat(status("If-None-Match", etag)).isEqualTo(304);
        assertThat(status("If-None-Match", "*")).isEqualTo(304);
        assertThat(status("If-None-Match", "\"x\"")).isEqualTo(200);
        assertThat(status("If-Modified-Since", modified)).isEqualTo(304);
        assertThat(status("If-Modified-Since", longAgo)).isEqualTo(200);
        assertThat(status("If-Match", "\"x\"")).isEqualTo(412);
        assertThat(status("If-Match", etag)).isEqualTo(200);
        assertThat(status("If-Unmodified-Since", longAgo)).isEqualTo(412);
        HttpRequest.Builder stale = request("/view?type=input&filename=notes.txt")
                .header("Range", "bytes=0-1")
                .header("If-Range", longAgo);
        assertThat(send(stale).statusCode()).isEqualTo(200);
    }

    private int status(String condition, String value) {
        return send(request("/view?type=input&filename=notes.txt").header(condition, value))
                .statusCode();
    }

    @Test
    void sendsWhatABrowserWouldRunForSavingOnly() {
        for (String name : List.of("page.html", "pic.svg")) {
            HttpResponse<byte[]> answer = view(name);
            assertThat(header(answer, "Content-Type")).isEqualTo("application/octet-stream");
            assertThat(header(answer, "Content-Disposition")).isEqualTo("attachment; filename=\"" + name + "\"");
            assertThat(header(answer, "Vary")).isEqualTo("Sec-Fetch-Dest");
            assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
        }
        HttpResponse<byte[]> shown =
                send(request("/view?type=input&filename=pic.svg").header("Sec-Fetch-Dest", "image"));
        assertThat(header(shown, "Content-Type")).isEqualTo("image/svg+xml");
        assertThat(header(shown, "Content-Disposition")).isEqualTo("filename=\"pic.svg\"");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 400",
        "../seen.png, 400",
        "..%2Fseen.png, 400",
        "/etc/passwd, 400",
        "%2Fetc%2Fpasswd, 400",
        "a..b.png, 400",
        "seen.png&subfolder=../, 403",
        "seen.png&subfolder=/etc, 403",
        "seen.png&subfolder=..%2F..%2Fetc, 403",
        "passwd&subfolder=a/../../../etc, 403",
        "absent.png, 404",
        ".., 400",
        "., 404",
        "a%00b.png, 404",
        "seen.png&subfolder=a%00b, 403",
        "seen.png%20%5Boutput%5D, 404",
        "anywhere/seen.png, 200",
        "blake3:00, 404"
    })
    void findsNothingOutsideItsFolders(String query, int status) {
        HttpResponse<byte[]> answer = view(query);

        assertThat(answer.statusCode()).isEqualTo(status);
        if (status != 200) {
            assertThat(answer.body()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/view",
                "/view?type=input",
                "/view_metadata/checkpoints",
                "/view_metadata/checkpoints?filename=..%2F..%2Fx.safetensors",
                "/view_metadata/nope?filename=x.safetensors"
            })
    void knowsNoFileWithoutAName(String path) {
        assertThat(send(request(path)).statusCode()).isEqualTo(404);
    }
}
