package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first command of a newcomer, over what this build packaged. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DemoIT {

    @TempDir
    Path folder;

    @Test
    void makesOneImageAndLeavesNothingRunning() throws Exception {
        Path root = Path.of(System.getProperty("project.root", ".."))
                .toAbsolutePath()
                .normalize();
        Path log = folder.resolve("demo.log");
        ProcessBuilder builder = new ProcessBuilder(
                        root.resolve("comfygw").toString(),
                        "demo",
                        "--once",
                        "--width=320",
                        "--height=192",
                        "--steps=4",
                        "--data=" + folder.resolve("data"),
                        "--out=" + folder.resolve("out"))
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("COMFYGW_SKIP_BUILD", "1");
        Process demo = builder.start();
        demo.getOutputStream().close();

        assertThat(demo.waitFor(3, TimeUnit.MINUTES)).as("ended in time").isTrue();
        String said = Files.readString(log);
        assertThat(demo.exitValue()).as(said).isZero();
        Path image = onlyFile(folder.resolve("out"));
        byte[] bytes = Files.readAllBytes(image);
        BufferedImage picture = ImageIO.read(image.toFile());
        assertThat(picture.getWidth()).isEqualTo(320);
        assertThat(picture.getHeight()).isEqualTo(192);
        assertThat(said)
                .contains(bytes.length + " bytes")
                .contains(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
                .contains("simulator")
                .contains("/content");
        String data = folder.resolve("data").toString();
        assertThat(ProcessHandle.allProcesses()
                        .filter(process -> process.info()
                                .commandLine()
                                .map(line -> line.contains(data))
                                .orElse(false)))
                .isEmpty();
    }

    private static Path onlyFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> found = files.filter(Files::isRegularFile).toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }
}
