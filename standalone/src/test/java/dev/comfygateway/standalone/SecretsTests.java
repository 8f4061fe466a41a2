package dev.comfygateway.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsTests {

    @TempDir
    Path folder;

    @Test
    void areMadeOnceAndReadableByTheOwnerOnly() throws Exception {
        Secrets first = Secrets.of(folder);
        Secrets second = Secrets.of(folder);
        assertThat(second).isEqualTo(first);
        assertThat(first.internalToken()).hasSizeGreaterThanOrEqualTo(32);
        assertThat(first.toString()).doesNotContain(first.internalToken());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(first.file())))
                .isEqualTo("rw-------");
    }
}
