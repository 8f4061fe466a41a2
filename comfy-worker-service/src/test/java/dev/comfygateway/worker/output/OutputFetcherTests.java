package dev.comfygateway.worker.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.execution.AttemptFailedException;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputFetcherTests {

    @TempDir
    private Path folder;

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final Backend backend = TestBackends.of(comfy.url());
    private Spool spool;

    @BeforeEach
    void open() throws IOException {
        spool = new Spool(folder, 1024);
    }

    @AfterEach
    void close() {
        comfy.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b&c=d?.png", "100%+#.png", "größe 画像.png", "plain.png"})
    @Proves({"S2-1", "S2-2"})
    void encodesNamesSoThatComfyUiFindsThem(String name) throws InterruptedException {
        comfy.files.put("output/sub dir&x/" + name, FakeComfyUi.png());

        List<FetchedOutput> fetched = fetch(new OutputFile("3", name, "sub dir&x", "output"));

        assertThat(fetched).singleElement().satisfies(output -> {
            assertThat(output.contentType()).isEqualTo("image/png");
            assertThat(output.file().size()).isEqualTo(FakeComfyUi.png().length);
        });
    }

    @Test
    @Proves("S2-2")
    void namesTheSubfolderOnlyWhenThereIsOne() throws InterruptedException {
        comfy.files.put("temp//a.png", FakeComfyUi.png());
        fetch(new OutputFile("3", "a.png", "", "temp"));

        assertThat(comfy.calls).contains("view /view?filename=a.png&type=temp");
    }

    @Test
    @Proves({"S2-4", "X-3"})
    void refusesAnEmptyFile() {
        comfy.files.put("output//a.png", new byte[0]);

        assertFails("a.png", ErrorCode.OUTPUT_EMPTY, "Downloaded 0 bytes");
    }

    static Stream<Arguments> broken() {
        byte[] png = FakeComfyUi.png();
        return Stream.of(
                Arguments.of("a.png", Arrays.copyOf(png, png.length - 5)),
                Arguments.of("a.png", "<html>no image</html>".getBytes(StandardCharsets.UTF_8)),
                Arguments.of("a.jpg", png),
                Arguments.of("a.mp4", png),
                Arguments.of("a.webp", png),
                Arguments.of("a.gif", "GIF89a and no end".getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @MethodSource("broken")
    @Proves("X-3")
    void refusesTruncatedAndMislabelledFiles(String name, byte[] bytes) {
        comfy.files.put("output//" + name, bytes);

        assertFails(name, ErrorCode.OUTPUT_INVALID, "broken");
    }

    @Test
    void saysWhenComfyUiHasLostAFile() throws InterruptedException {
        assertThat(new OutputFetcher(spool)
                        .fetch(
                                "j",
                                files(new OutputFile("3", "gone.png", "", "output")),
                                List.of(),
                                2,
                                backend.client(),
                                () -> {}))
                .isEmpty();
    }

    @Test
    void keepsLargeFilesOnDiskUntilTheyAreClosed() throws IOException {
        byte[] large = new byte[100_000];
        Arrays.fill(large, (byte) 7);
        SpooledFile file = spool.take(new ByteArrayInputStream(large));

        assertThat(file.onDisk()).isTrue();
        assertThat(file.size()).isEqualTo(large.length);
        assertThat(file.tail()).hasSize(SpooledFile.EDGE);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
        file.close();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    private static Outputs files(OutputFile... files) {
        return new Outputs(List.of(files), Set.of(), List.of());
    }

    private List<FetchedOutput> fetch(OutputFile file) throws InterruptedException {
        return new OutputFetcher(spool)
                .fetch("j", files(file), List.of(), 2, backend.client(), () -> {})
                .orElseThrow();
    }

    private void assertFails(String name, ErrorCode code, String message) {
        assertThatThrownBy(() -> fetch(new OutputFile("3", name, "", "output")))
                .isInstanceOfSatisfying(AttemptFailedException.class, e -> {
                    assertThat(e.failure().code()).isEqualTo(code);
                    assertThat(e.failure().message()).contains(message);
                });
    }
}
