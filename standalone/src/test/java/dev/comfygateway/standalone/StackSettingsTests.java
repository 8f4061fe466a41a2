package dev.comfygateway.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.settings.InvalidSettingException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StackSettingsTests {

    private static final Path HOME = Path.of("/home/of/project");

    @Test
    void embedsEverythingByDefault() {
        StackSettings settings = StackSettings.of(Map.of(), HOME, null);
        assertThat(settings.kafka()).isEmpty();
        assertThat(settings.database()).isEmpty();
        assertThat(settings.s3()).isEmpty();
        assertThat(settings.comfyUi()).isEmpty();
        assertThat(settings.authEnabled()).isFalse();
        assertThat(settings.host()).isEqualTo("127.0.0.1");
        assertThat(StackAddresses.preferredPorts(settings))
                .containsEntry("gateway-service", 8080)
                .containsEntry("comfyui-simulator", 8188)
                .containsEntry("kafka", 9092)
                .containsEntry("postgres", 5432)
                .containsEntry("s3", 9000);
    }

    @Test
    void doesNotStartWhatIsGiven() {
        StackSettings settings = StackSettings.of(
                Map.of(
                        "KAFKA_BOOTSTRAP_SERVERS", "kafka-1:9092,[::1]:9092",
                        "DATABASE_URL", "postgresql://user:pw@db/comfy",
                        "S3_ENDPOINT", "http://minio:9000/",
                        "S3_ACCESS_KEY", "user",
                        "S3_SECRET_KEY", "password",
                        "COMFYUI_URL", "http://gpu:8188"),
                HOME,
                null);
        assertThat(StackAddresses.preferredPorts(settings))
                .containsOnlyKeys(
                        "gateway-service", "job-service", "storage-service", "webhook-service", "comfy-worker-service");
    }

    @Test
    void takesOptionsForTheVirtualMachines() {
        assertThat(StackSettings.of(Map.of(), HOME, null).javaOptions()).isEmpty();
        assertThat(StackSettings.of(Map.of("COMFYGW_JAVA_OPTIONS", " -Xss1m  -Dx=y "), HOME, null)
                        .javaOptions())
                .containsExactly("-Xss1m", "-Dx=y");
    }

    @Test
    void takesSeveralComfyUis() {
        assertThat(StackSettings.of(Map.of("COMFYUI_URL", "http://gpu-1:8188/, https://gpu-2/comfy"), HOME, null)
                        .comfyUi())
                .contains("http://gpu-1:8188,https://gpu-2/comfy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "KAFKA_BOOTSTRAP_SERVERS kafka",
                "KAFKA_BOOTSTRAP_SERVERS kafka:99999",
                "KAFKA_BOOTSTRAP_SERVERS http://kafka:9092",
                "DATABASE_URL jdbc:postgresql://db/x",
                "DATABASE_URL postgresql://db",
                "S3_ENDPOINT minio:9000",
                "S3_PUBLIC_ENDPOINT ftp://minio",
                "COMFYUI_URL gpu:8188",
                "COMFYUI_URL http://gpu-1:8188,gpu-2:8188",
                "PORT http",
                "PORT 70000",
                "HOST no.such.host.invalid",
                "AUTH_ENABLED perhaps",
                "COMFYGW_RESTART_DELAY_MS -1",
            })
    void namesTheVariableThatIsWrong(String name, String value) {
        assertThatThrownBy(() -> StackSettings.of(Map.of(name, value), HOME, null))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith(name + " ");
    }

    @Test
    void needsKeysWhereOthersCanReachTheGateway() {
        assertThatThrownBy(() -> StackSettings.of(Map.of("HOST", "0.0.0.0"), HOME, null))
                .hasMessageStartingWith("API_KEYS must be set");
        assertThat(StackSettings.of(Map.of("HOST", "0.0.0.0", "API_KEYS", "k:admin"), HOME, null)
                        .authEnabled())
                .isTrue();
    }

    @Test
    void givesEachServiceWhatItNeedsAndNoMore() {
        StackSettings settings = StackSettings.of(Map.of("HOST", "127.0.0.1"), HOME, null);
        Map<String, Integer> ports = new HashMap<>(StackAddresses.preferredPorts(settings));
        StackAddresses addresses = new StackAddresses(settings, ports);
        Secrets secrets = new Secrets(Path.of("secrets"), "token", "access", "secret", "webhook");
        ServiceEnvironment environment = new ServiceEnvironment(settings, addresses, secrets, Map.of());

        assertThat(environment.of("storage-service"))
                .containsEntry("PORT", "8082")
                .containsEntry("S3_ENDPOINT", "http://127.0.0.1:9000")
                .containsEntry("S3_SECRET_KEY", "secret")
                .containsEntry("DATABASE_URL", "postgresql://postgres:postgres@127.0.0.1:5432/comfygateway");
        assertThat(environment.of("comfy-worker-service"))
                .containsEntry("COMFYUI_URL", "http://127.0.0.1:8188")
                .containsEntry("JOB_SERVICE_URL", "http://127.0.0.1:8081")
                .doesNotContainKeys("S3_SECRET_KEY", "DATABASE_URL", "API_KEYS");
        assertThat(environment.of("gateway-service"))
                .containsEntry("AUTH_ENABLED", "false")
                .doesNotContainKeys("DATABASE_URL", "S3_SECRET_KEY");
        assertThat(environment.of("webhook-service"))
                .containsEntry("WEBHOOK_ALLOW_PRIVATE", "true")
                .containsEntry("WEBHOOK_SECRET", "webhook");
    }
}
