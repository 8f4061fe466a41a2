package dev.comfygateway.simulator.assets;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssetHashTests {

    @TempDir
    private Path folder;

    /** The algorithm's published test vectors: bytes that count up to 250 and begin anew. */
    @ParameterizedTest
    @CsvSource({
        "0, af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "64, 4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
        "65, de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
        "1024, 42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        "1025, d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        "2048, e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
        "3073, 7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
        "102400, bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"
    })
    void hashesAsPublished(int length, String expected) throws IOException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i % 251);
        }

        assertThat(AssetCatalog.hash(Files.write(folder.resolve("a"), bytes))).isEqualTo("blake3:" + expected);
    }

    @ParameterizedTest
    @CsvSource("abc, 6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85")
    void hashesText(String text, String expected) throws IOException {
        assertThat(AssetCatalog.hash(Files.writeString(folder.resolve("a"), text)))
                .isEqualTo("blake3:" + expected);
    }
}
