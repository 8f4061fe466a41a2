package dev.comfygateway.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The start script of the ComfyUI image, with a stand-in for Python that shows what it was told. */
class ComfyUiStartTests {

    @TempDir
    private Path folder;

    private Path models;

    @BeforeEach
    void standIn() throws IOException {
        models = Files.createDirectory(folder.resolve("models"));
        Path python = Files.createFile(
                Files.createDirectory(folder.resolve("bin")).resolve("python"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.writeString(python, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    }

    @Test
    @Proves({"S1-24", "S1-25", "S1-26", "S1-27"})
    void passesEveryFlagOnAfterItsOwn() throws Exception {
        String flags = "--verbose DEBUG --log-stdout --lowvram --reserve-vram 2 --force-fp16 --output-directory /out"
                + " --user-directory /users --disable-all-custom-nodes --cpu --deterministic";
        List<String> arguments = start(flags);

        assertThat(arguments.getFirst()).endsWith("/main.py");
        assertThat(arguments).containsSequence(flags.split(" "));
        // ComfyUI takes the last of two.
        assertThat(arguments.lastIndexOf("--output-directory")).isGreaterThan(arguments.indexOf("--output-directory"));
        assertThat(arguments.subList(1, 5)).containsExactly("--listen", "0.0.0.0", "--port", "8188");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--highvram", "--normalvram", "--lowvram", "--novram"})
    @Proves("S1-25")
    void takesEachWayToUseVideoMemory(String flag) throws Exception {
        assertThat(start(flag)).endsWith(flag);
    }

    @Test
    void doesNotTakeAFlagForAPatternOfFiles() throws Exception {
        assertThat(start("--front-end-version Comfy-Org/*@latest")).endsWith("Comfy-Org/*@latest");
    }

    @Test
    @Proves("S1-28")
    void findsModelsByTheNamesOfTheirKinds() throws Exception {
        Path written = Path.of(after(start(""), "--extra-model-paths-config"));
        Map<String, Map<String, Object>> file = new Yaml().load(Files.readString(written));
        Map<String, Object> paths = Objects.requireNonNull(file.get("models"));

        assertThat(paths)
                .containsEntry("base_path", models.toString())
                .containsKeys("checkpoints", "diffusion_models", "text_encoders", "vae", "loras")
                .doesNotContainKeys("unet", "clip");
        paths.forEach((kind, path) -> {
            if (!kind.equals("base_path") && !kind.equals("is_default")) {
                assertThat(path).isEqualTo(kind);
            }
        });
    }

    @Test
    @Proves({"S1-26", "S1-28"})
    void prefersTheOperatorsOwnModelPaths() throws Exception {
        Path own = Files.writeString(models.resolve("extra_model_paths.yaml"), "models: {}\n");
        assertThat(after(start(""), "--extra-model-paths-config")).isEqualTo(own.toString());
    }

    private static String after(List<String> arguments, String flag) {
        return arguments.get(arguments.indexOf(flag) + 1);
    }

    private List<String> start(String flags) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Checkout.ROOT.resolve("docker/comfyui/start").toString())
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        folder.resolve("bin") + ":" + System.getenv("PATH"),
                        "COMFYUI_DATA",
                        folder.resolve("data").toString(),
                        "COMFYUI_MODELS_DIR",
                        models.toString(),
                        "COMFYUI_FLAGS",
                        flags));
        builder.environment().keySet().removeAll(List.of("LISTEN", "PORT"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output.lines().toList();
    }
}
