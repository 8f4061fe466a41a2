package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PicturesTests extends SimulatorTestSupport {

    private static BufferedImage decode(byte[] bytes) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(bytes));
    }

    private HttpResponse<byte[]> upload(String name, byte[] bytes, String subfolder) {
        return send(new FormData()
                .field("subfolder", subfolder)
                .file("image", name, bytes)
                .to(request("/upload/image")));
    }

    @Test
    void paintsADecodablePictureThatDependsOnTextAndSeed() throws IOException {
        byte[] first = view(run(textToImage("a lighthouse", 1, 128)).at("/outputs/9/images/0"));
        byte[] second = view(run(textToImage("a lighthouse", 2, 128)).at("/outputs/9/images/0"));
        byte[] third = view(run(textToImage("a forest", 1, 128)).at("/outputs/9/images/0"));

        assertThat(decode(first).getWidth()).isEqualTo(128);
        assertThat(decode(first).getHeight()).isEqualTo(128);
        assertThat(decode(first).getRGB(64, 64)).isNotEqualTo(decode(second).getRGB(64, 64));
        assertThat(decode(first).getRGB(64, 64)).isNotEqualTo(decode(third).getRGB(64, 64));
        assertThat(new String(first, StandardCharsets.ISO_8859_1)).contains("tEXtprompt\0{\"3\":");
    }

    @Test
    void scalesAndInvertsAnUploadedPicture() throws IOException {
        JsonNode stored = Json.parse(
                upload("blue.png", FormData.png(32, 16, 0xFF0000FF), "").body());
        assertThat(stored.get("name").stringValue()).isEqualTo("blue.png");
        JsonNode graph = Json.parse("""
                {"1":{"class_type":"LoadImage","inputs":{"image":"blue.png"}},
                 "2":{"class_type":"ImageScale","inputs":{"image":["1",0],"upscale_method":"lanczos","width":64,
                      "height":0,"crop":"disabled"}},
                 "3":{"class_type":"ImageInvert","inputs":{"image":["2",0]}},
                 "9":{"class_type":"SaveImage","inputs":{"images":["3",0],"filename_prefix":"smoke/up"}}}
                """);

        BufferedImage image = decode(view(run(graph).at("/outputs/9/images/0")));

        assertThat(image.getWidth()).isEqualTo(64);
        assertThat(image.getHeight()).isEqualTo(32);
        assertThat(image.getRGB(10, 10)).isEqualTo(0xFFFFFF00);
    }

    @Test
    void savesAndPreviewsAWholeBatch() {
        JsonNode graph = Json.parse("""
                {"1":{"class_type":"EmptyImage","inputs":{"width":64,"height":64,"batch_size":2,"color":16711680}},
                 "2":{"class_type":"EmptyImage","inputs":{"width":64,"height":64,"batch_size":1,"color":255}},
                 "3":{"class_type":"ImageBatch","inputs":{"image1":["1",0],"image2":["2",0]}},
                 "4":{"class_type":"ImageScaleBy","inputs":{"image":["3",0],"upscale_method":"bicubic","scale_by":2.0}},
                 "5":{"class_type":"SaveImage","inputs":{"images":["4",0],"filename_prefix":"smoke/batch"}},
                 "6":{"class_type":"PreviewImage","inputs":{"images":["3",0]}}}
                """);

        JsonNode entry = run(graph);

        assertThat(entry.at("/outputs/5/images")).hasSize(3);
        assertThat(entry.at("/outputs/5/images/2/filename").stringValue()).isEqualTo("batch_00003_.png");
        assertThat(entry.at("/outputs/6/images/0/type").stringValue()).isEqualTo("temp");
        assertThat(entry.at("/outputs/6/images/0/filename").stringValue())
                .matches("ComfyUI_temp_[a-z]{5}_00001_\\.png");
    }

    @Test
    void keepsSameBytesOnceAndRenamesOthers() throws IOException {
        upload("photo.png", FormData.png(4, 4, 0xFF000001), "");
        JsonNode same = Json.parse(
                upload("photo.png", FormData.png(4, 4, 0xFF000001), "").body());
        JsonNode other = Json.parse(
                upload("photo.png", FormData.png(4, 4, 0xFF000002), "").body());

        assertThat(same.get("name").stringValue()).isEqualTo("photo.png");
        assertThat(other.get("name").stringValue()).isEqualTo("photo (1).png");
        assertThat(upload("x.png", FormData.png(4, 4, 0xFF000001), "../..").statusCode())
                .isEqualTo(400);
        assertThat(upload("../x.png", FormData.png(4, 4, 0xFF000001), "").statusCode())
                .isEqualTo(400);
    }

    @Test
    void servesFilesByRangeAndRefusesForeignPaths() throws IOException {
        upload("view.png", FormData.png(4, 4, 0xFF000007), "");
        String path = "/view?filename=view.png&type=input";
        HttpResponse<byte[]> whole = send(request(path));
        String etag = whole.headers().firstValue("ETag").orElseThrow();

        assertThat(whole.headers().firstValue("Content-Type")).hasValue("image/png");
        assertThat(whole.headers().firstValue("Content-Disposition")).hasValue("filename=\"view.png\"");
        HttpResponse<byte[]> part = send(request(path).header("Range", "bytes=0-9"));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).hasSize(10);
        assertThat(send(request(path).header("If-None-Match", etag)).statusCode())
                .isEqualTo(304);
        assertThat(send(request("/view?filename=view.png")).statusCode()).isEqualTo(404);
        assertThat(send(request("/view?filename=view.png%20%5Binput%5D")).statusCode())
                .isEqualTo(200);
        assertThat(send(request("/view?filename=../view.png&type=input")).statusCode())
                .isEqualTo(400);
        assertThat(send(request("/view?filename=view.png&type=models")).statusCode())
                .isEqualTo(400);
        assertThat(send(request(path + "&subfolder=../")).statusCode()).isEqualTo(403);
        assertThat(send(request("/view?type=input")).statusCode()).isEqualTo(404);
    }
}
