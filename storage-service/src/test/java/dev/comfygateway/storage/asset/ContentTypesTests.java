package dev.comfygateway.storage.asset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentTypesTests {

    @ParameterizedTest
    @CsvSource({
        "89504e470d0a1a0a00, image/png",
        "ffd8ffe000104a46, image/jpeg",
        "474946383961, image/gif",
        "524946460000000057454250, image/webp",
        "524946460000000057415645, audio/wav",
        "000000206674797069736f6d, video/mp4",
        "1a45dfa39f4286810142f7810142f2810442f381084282847765626d, video/webm",
        "664c6143, audio/flac",
        "4f676753, audio/ogg",
        "494433040000, audio/mpeg",
        "fffb9064, audio/mpeg",
        "000102, application/octet-stream",
        "ff, application/octet-stream"
    })
    void knowsTheTypeFromTheBytes(String hex, String type) {
        assertThat(ContentTypes.sniff(HexFormat.of().parseHex(hex))).isEqualTo(type);
    }

    @Test
    void tellsKindsOfTextApart() {
        assertThat(text(" {\"a\":1}")).isEqualTo("application/json");
        assertThat(text("猫 and more")).isEqualTo("text/plain");
        assertThat(text("<!DOCTYPE HTML><p>")).isEqualTo("text/html");
        assertThat(text("<?xml version='1.0'?><svg/>")).isEqualTo("image/svg+xml");
        assertThat(text("<?xml version='1.0'?><a/>")).isEqualTo("application/xml");
    }

    @Test
    void doesNotMindACharacterThatIsCutWhereTheHeadEnds() {
        byte[] head = new byte[ContentTypes.HEAD];
        java.util.Arrays.fill(head, (byte) 'a');
        head[head.length - 1] = (byte) 0xe7;
        assertThat(ContentTypes.sniff(head)).isEqualTo("text/plain");
    }

    private static String text(String text) {
        return ContentTypes.sniff(text.getBytes(StandardCharsets.UTF_8));
    }
}
