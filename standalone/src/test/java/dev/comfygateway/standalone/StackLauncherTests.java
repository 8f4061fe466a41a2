package dev.comfygateway.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.standalone.process.Child;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The launcher as a process, with real embedded parts and stand-ins for the services. */
class StackLauncherTests {

    private static final List<String> SERVICES = List.of(
            "job-service",
            "storage-service",
            "webhook-service",
            "comfy-worker-service",
            "gateway-service",
            "comfyui-simulator");

    @TempDir
    Path folder;

    @BeforeEach
    void packageStandIns() throws IOException {
        for (String service : SERVICES) {
            Path target = Files.createDirectories(folder.resolve(service).resolve("target"));
            jar(target.resolve(service + "-0.1.0-SNAPSHOT-exec.jar"));
        }
    }

    @Test
    void startsRestartsRefusesASecondStackAndLeavesNothingAfterKill() throws Exception {
        Child launcher = launch(Map.of());
        JsonNode state = awaitState(launcher);
        assertThat(state.path("processes").propertyNames())
                .contains("kafka", "postgres", "gateway-service", "comfyui-simulator");
        assertThat(Files.readString(folder.resolve("data/secrets.properties"))).contains("webhook-secret");

        // A second launcher on the same folder is refused.
        Child second = launch(Map.of());
        assertThat(second.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.process().exitValue()).isEqualTo(1);
        assertThat(second.reason()).contains("in use by another stack");

        // A service that dies comes back.
        long pid = state.path("processes").path("job-service").path("pid").asLong();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            long now = readState()
                    .path("processes")
                    .path("job-service")
                    .path("pid")
                    .asLong();
            return now != pid && now != 0;
        });

        JavaChild.kill(launcher);
        assertNothingLeft();
    }

    @Test
    void stopsEverythingWhenOneServiceDoesNotStart() throws Exception {
        Child launcher = launch(Map.of("FAKE_BROKEN", "webhook-service"));
        assertThat(launcher.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.process().exitValue()).isEqualTo(1);
        assertThat(Files.readString(launcher.plan().log()))
                .contains("comfygw: webhook-service did not start (exit 3): "
                        + "INTERNAL_TOKEN_SECRET is not to its liking");
        assertNothingLeft();
    }

    @Test
    void leavesNothingWhenItIsKilledHalfWay() throws Exception {
        Child launcher = launch(Map.of());
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> Files.exists(folder.resolve("data/postgres/cluster")));
        JavaChild.kill(launcher);
        assertNothingLeft();
    }

    @Test
    void namesTheVariableThatIsWrong() throws Exception {
        Child launcher = launch(Map.of("DATABASE_URL", "mysql://somewhere"));
        assertThat(launcher.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.process().exitValue()).isEqualTo(1);
        assertThat(launcher.reason()).startsWith("comfygw: DATABASE_URL must look like");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    private Child launch(Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "S3_ENDPOINT", "http://127.0.0.1:1",
                "S3_ACCESS_KEY", "user",
                "S3_SECRET_KEY", "password",
                "COMFYGW_RESTART_DELAY_MS", "50"));
        environment.putAll(more);
        return JavaChild.spawn(
                StackLauncher.class.getName(),
                folder,
                environment,
                "--home",
                folder.toString(),
                "--data",
                folder.resolve("data").toString(),
                "--exit-on-stdin-close");
    }

    private JsonNode awaitState(Child launcher) {
        Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> {
            if (!launcher.process().isAlive()) {
                throw new IllegalStateException(launcher.reason());
            }
            return Files.exists(folder.resolve("data/stack.json"));
        });
        return readState();
    }

    private JsonNode readState() {
        return JsonMapper.builder().build().readTree(folder.resolve("data/stack.json"));
    }

    private void assertNothingLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(JavaChild.processesOf(folder)).isEmpty());
    }

    private static void jar(Path file) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, FakeService.class.getName());
        String path = FakeService.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file), manifest);
                InputStream in = FakeService.class.getClassLoader().getResourceAsStream(path)) {
            jar.putNextEntry(new JarEntry(path));
            jar.write(in == null ? new byte[0] : in.readAllBytes());
            jar.closeEntry();
        }
    }
}
