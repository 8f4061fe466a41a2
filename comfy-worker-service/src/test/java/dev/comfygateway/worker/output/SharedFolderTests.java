package dev.comfygateway.worker.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.worker.settings.OutputProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class SharedFolderTests {

    @TempDir
    private Path base;

    @Test
    void removesTheFolderOfAnAttemptAndNoOther() throws IOException {
        Path own = base.resolve("output/cg/at/sub/a.png");
        Path other = base.resolve("output/cg/at2/a.png");
        for (Path file : new Path[] {own, other}) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "x");
        }

        shared(base).remove("output/cg/at");
        shared(base).remove("output/cg/absent");

        assertThat(base.resolve("output/cg/at")).doesNotExist();
        assertThat(other).exists();
    }

    @Test
    void leavesDisksAloneThatAreNotShared() throws IOException {
        Path file = Files.writeString(
                Files.createDirectories(base.resolve("output/cg/at")).resolve("a.png"), "x");

        shared(null).remove("output/cg/at");
        shared(Path.of("")).remove("output/cg/at");

        assertThat(file).exists();
    }

    private static SharedFolder shared(@Nullable Path folder) {
        return new SharedFolder(
                new OutputProperties(Path.of("target"), DataSize.ofMegabytes(1), Duration.ofSeconds(1), folder));
    }
}
