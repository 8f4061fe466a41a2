package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Files of every kind, and the shapes in which they are told. */
class MediaOutputsTests extends SimulatorTestSupport {

    private static final String PICTURES = """
            "1":{"class_type":"EmptyImage","inputs":{"width":32,"height":24,"batch_size":3,"color":10960225}},""";
    private static final String SOUND = """
            "1":{"class_type":"EmptyAudio","inputs":{"duration":12.1,"sample_rate":44100,"channels":2}},""";

    private static byte[] slice(byte[] bytes, int from, int length) {
        return Arrays.copyOfRange(bytes, from, from + length);
    }

    private static String ascii(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.ISO_8859_1);
    }

    /** What node 2 told, where the whole of it is one file under that key. */
    private JsonNode outputs(String graph) {
        JsonNode entry = run(Json.parse("{" + graph + "}"));
        assertThat(entry.at("/status/status_str").stringValue())
                .as(Json.text(entry.get("status")))
                .isEqualTo("success");
        return entry.at("/outputs/2");
    }

    private static void assertFile(JsonNode file, String name, String subfolder, String type) {
        assertThat(file.get("filename").stringValue()).matches(name);
        assertThat(file.get("subfolder").stringValue()).isEqualTo(subfolder);
        assertThat(file.get("type").stringValue()).isEqualTo(type);
    }

    private static List<String> boxes(byte[] file) {
        List<String> boxes = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(file);
        int at = 0;
        while (at < file.length) {
            boxes.add(ascii(file, at + 4, 4));
            at += buffer.getInt(at);
        }
        assertThat(at).as("boxes fill the file").isEqualTo(file.length);
        return boxes;
    }

    private static List<String> pngChunks(byte[] file) {
        List<String> chunks = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.wrap(file, 8, file.length - 8);
        while (buffer.hasRemaining()) {
            int length = buffer.getInt();
            byte[] content = new byte[4 + length];
            buffer.get(content);
            CRC32 crc = new CRC32();
            crc.update(content);
            assertThat(buffer.getInt()).isEqualTo((int) crc.getValue());
            chunks.add(ascii(content, 0, 4));
        }
        return chunks;
    }

    @Test
    void savesAnimations() {
        JsonNode webp = outputs(PICTURES + """
                "2":{"class_type":"SaveAnimatedWEBP","inputs":{"images":["1",0],"filename_prefix":"sh/webp",
                     "fps":6.0,"lossless":true,"quality":80,"method":"default"}}""");
        JsonNode png = outputs(PICTURES + """
                "2":{"class_type":"SaveAnimatedPNG","inputs":{"images":["1",0],"filename_prefix":"sh/apng",
                     "fps":6.0,"compress_level":4}}""");

        assertThat(Json.text(webp.get("animated"))).isEqualTo("[true]");
        assertFile(webp.at("/images/0"), "webp_0000\\d_\\.webp", "sh", "output");
        byte[] file = view(webp.at("/images/0"));
        assertThat(ascii(file, 8, 8)).isEqualTo("WEBPVP8X");
        assertThat(ascii(file, 0, file.length).split("ANMF", -1)).hasSize(4);
        assertThat(Json.text(png.get("animated"))).isEqualTo("[true]");
        assertFile(png.at("/images/0"), "apng_0000\\d_\\.png", "sh", "output");
        assertThat(pngChunks(view(png.at("/images/0"))))
                .containsExactly("IHDR", "acTL", "tEXt", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND");
    }

    @Test
    void savesVideosAmongTheImages() {
        JsonNode webm = outputs(PICTURES + """
                "2":{"class_type":"SaveWEBM","inputs":{"images":["1",0],"filename_prefix":"sh/webm","codec":"vp9",
                     "fps":24.0,"crf":32.0}}""");
        JsonNode mp4 = outputs(PICTURES + """
                "3":{"class_type":"CreateVideo","inputs":{"images":["1",0],"fps":24.0}},
                "2":{"class_type":"SaveVideo","inputs":{"video":["3",0],"filename_prefix":"sh/vid","codec":"auto",
                     "format":"mp4"}}""");

        assertFile(webm.at("/images/0"), "webm_0000\\d_\\.webm", "sh", "output");
        assertThat(slice(view(webm.at("/images/0")), 0, 4)).containsExactly(0x1A, 0x45, 0xDF, 0xA3);
        assertFile(mp4.at("/images/0"), "vid_0000\\d_\\.mp4", "sh", "output");
        assertThat(boxes(view(mp4.at("/images/0"))))
                .startsWith("ftyp")
                .contains("moov", "mdat")
                .endsWith("free");
        assertThat(Json.text(mp4.get("animated"))).isEqualTo("[true]");
    }

    @ParameterizedTest
    @CsvSource({"video/h264-mp4, mp4, ftyp", "video/webm, webm, webm", "image/webp, webp, WEBP"})
    void combinesVideosAsTheCustomNodeDoes(String format, String extension, String mark) {
        JsonNode gif = outputs(PICTURES + """
                "2":{"class_type":"VHS_VideoCombine","inputs":{"images":["1",0],"frame_rate":8,"loop_count":0,
                     "filename_prefix":"sh/vhs","format":"%s","pingpong":false,"save_output":true}}""".formatted(format)).at("/gifs/0");

        assertFile(gif, "vhs_0000\\d\\." + extension, "sh", "output");
        assertThat(gif.get("format").stringValue()).isEqualTo(format);
        assertThat(gif.get("frame_rate").doubleValue()).isEqualTo(8.0);
        assertThat(new String(view(gif), 0, 64, StandardCharsets.ISO_8859_1)).contains(mark);
    }

    @Test
    void savesSilence() {
        JsonNode saved = outputs(SOUND + """
                "2":{"class_type":"SaveAudio","inputs":{"audio":["1",0],"filename_prefix":"sh/aud"}}""");
        JsonNode shown = outputs(SOUND + """
                "2":{"class_type":"PreviewAudio","inputs":{"audio":["1",0]}}""");

        assertFile(saved.at("/audio/0"), "aud_0000\\d\\.flac", "sh", "output");
        assertFile(shown.at("/audio/0"), "ComfyUI_temp_[a-z]{5}_00001\\.flac", "", "temp");
        byte[] file = view(saved.at("/audio/0"));
        assertThat(ascii(file, 0, 4)).isEqualTo("fLaC");
        long facts = ByteBuffer.wrap(file).getLong(18);
        assertThat(facts >>> 44).as("rate").isEqualTo(44100);
        assertThat(facts & 0xFFFFFFFFFL).as("samples").isEqualTo(533610);
        assertThat(ascii(file, 0, file.length)).contains("prompt={\"1\":");
    }

    @Test
    void savesLatentsTextsAndBodies() {
        JsonNode latent = outputs("""
                "1":{"class_type":"EmptyLatentImage","inputs":{"width":64,"height":32,"batch_size":1}},
                "2":{"class_type":"SaveLatent","inputs":{"samples":["1",0],"filename_prefix":"sh/lat"}}""");
        JsonNode text = outputs("""
                "2":{"class_type":"SaveText","inputs":{"text":"hello","filename_prefix":"sh/txt","format":"txt"}}""");
        JsonNode body = outputs("""
                "1":{"class_type":"ProbeMesh","inputs":{"seed":7}},
                "2":{"class_type":"SaveGLB","inputs":{"mesh":["1",0],"filename_prefix":"sh/mesh"}}""");

        assertFile(latent.at("/latents/0"), "lat_0000\\d_\\.latent", "sh", "output");
        byte[] tensors = view(latent.at("/latents/0"));
        int header = Math.toIntExact(
                ByteBuffer.wrap(tensors).order(ByteOrder.LITTLE_ENDIAN).getLong());
        JsonNode described = Json.parse(slice(tensors, 8, header));
        assertThat(Json.text(described.at("/latent_tensor/shape"))).isEqualTo("[1,4,4,8]");
        assertThat(described.at("/latent_tensor/data_offsets/1").intValue()).isEqualTo(tensors.length - 8 - header);
        assertThat(Json.text(text.get("text"))).isEqualTo("[\"hello\"]");
        assertFile(text.at("/files/0"), "txt_0000\\d\\.txt", "sh", "output");
        assertThat(view(text.at("/files/0"))).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        assertFile(body.at("/3d/0"), "mesh_0000\\d_\\.glb", "sh", "output");
        ByteBuffer glb = ByteBuffer.wrap(view(body.at("/3d/0"))).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(glb.getInt(0)).isEqualTo(0x46546C67);
        assertThat(glb.getInt(8)).isEqualTo(glb.limit());
    }

    @Test
    void savesPicturesInOtherForms() {
        JsonNode deep = outputs(PICTURES + """
                "2":{"class_type":"SaveImageAdvanced","inputs":{"images":["1",0],"filename_prefix":"sh/adv",
                     "format":"png","format.bit_depth":"16-bit","format.input_color_space":"sRGB"}}""");
        JsonNode compared = outputs(PICTURES + """
                "2":{"class_type":"ImageCompare","inputs":{"image_a":["1",0],"image_b":["1",0],
                     "compare_view":"slide"}}""");
        JsonNode mask = outputs("""
                "1":{"class_type":"SolidMask","inputs":{"value":0.5,"width":32,"height":32}},
                "2":{"class_type":"MaskPreview","inputs":{"mask":["1",0]}}""");

        assertThat(deep.get("images")).hasSize(3);
        assertFile(deep.at("/images/2"), "adv_0000\\d\\.png", "sh", "output");
        assertThat(view(deep.at("/images/0"))[24]).as("bits a channel").isEqualTo((byte) 16);
        assertThat(compared.get("a_images")).hasSize(3);
        assertFile(compared.at("/b_images/2"), "comfy\\.compare\\.b_temp_[a-z]{5}_00003_\\.png", "", "temp");
        assertFile(mask.at("/images/0"), "ComfyUI_temp_[a-z]{5}_00001_\\.png", "", "temp");
        assertThat(Json.text(mask.get("animated"))).isEqualTo("[false]");
    }

    @ParameterizedTest
    @CsvSource({
        "png, 4096, images",
        "png, 3145733, images",
        "mp4, 4096, videos",
        "mp4, 3145733, videos",
        "webm, 3145733, videos"
    })
    void writesFilesOfAnySize(String extension, int size, String key) {
        JsonNode file = outputs("""
                "2":{"class_type":"ProbeLargeFile","inputs":{"bytes":%d,"seed":5,"extension":"%s"}}""".formatted(size, extension)).path(key).path(0);

        byte[] bytes = view(file);
        assertThat(bytes).hasSize(size);
        switch (extension) {
            case "png" ->
                assertThat(pngChunks(bytes)).startsWith("IHDR", "IDAT", "siMp").endsWith("IEND");
            case "mp4" -> assertThat(boxes(bytes)).contains("moov", "mdat").endsWith("free");
            default ->
                assertThat(ByteBuffer.wrap(bytes).getLong(0x28) & ~(1L << 56))
                        .as("the segment reaches to the end")
                        .isEqualTo(size - 0x30);
        }
    }
}
