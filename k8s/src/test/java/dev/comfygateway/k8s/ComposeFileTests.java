package dev.comfygateway.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.comfygateway.testing.Proves;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/** The compose file against the services' own settings, and against Compose itself where it is installed. */
class ComposeFileTests {

    private final String file = Checkout.read("docker-compose.yml");
    private final String example = Checkout.read(".env.example");

    @TempDir
    private Path folder;

    @Test
    @Proves("S0-91")
    void fitsTheServices() {
        assertThat(ComposeFile.findings(file, example)).isEmpty();
        assertThat(new Yaml().<Map<String, Object>>load(file).get("services"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsKeys(
                        "kafka",
                        "postgres",
                        "s3",
                        "topics",
                        "bucket",
                        "gateway-service",
                        "job-service",
                        "storage-service",
                        "webhook-service",
                        "worker",
                        "simulator",
                        "comfyui");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    JOB_POOLS: ${JOB_POOLS            | JOB_POOL: ${JOB_POOLS            | topics: nothing reads JOB_POOL
                    WORKER_SPOOL_DIR: /spool          | WORKER_SPOOL_FOLDER: /spool      | does not read WORKER_SPOOL_FOLDER
                    PORT: "8081"                      | PORT: "8082"                     | listens on 8081, not on 8082
                    http://job-service:8081           | http://job-service:8080          | is not where job-service listens
                    SERVICE: storage-service          | SERVICE: job-service             | the build of job-service
                    apache/kafka:4.2.1                | apache/kafka:latest              | has no version
                    postgres:18.6                     | postgres                         | has no version
                    service_completed_successfully    | service_started                  | does not wait until topics is ready
                    s3: {condition: service_healthy}  | s4: {condition: service_healthy} | depends on s4, which does not exist
                    cap_drop: [ALL]                   | cap_add: [ALL]                   | has no cap_drop
                    ${LINK_TTL:-1h}                   | ${LINK_TTL:-2h}                  | LINK_TTL is 2h without .env.example
                    ${LINK_TTL:-1h}                   | ${LINK_LIFE:-1h}                 | .env.example lacks LINK_LIFE
                    """)
    void findsWhatIsWrong(String right, String wrong, String finding) {
        assertThat(file).contains(right);
        assertThat(ComposeFile.findings(
                        file.replaceFirst(Pattern.quote(right), Matcher.quoteReplacement(wrong)), example))
                .anySatisfy(each -> assertThat(each).contains(finding));
    }

    @Test
    void isWhatComposeTakes() throws Exception {
        List<String> compose = compose();
        assumeThat(compose).as("docker compose or docker-compose").isNotEmpty();

        for (String profiles : List.of("simulator", "gpu", "simulator,scale")) {
            assertThat(check(compose, file, profiles)).as(profiles).isEqualTo("0 ");
        }
        assertThat(check(compose, file.replaceFirst("healthcheck:", "heathcheck:"), "simulator"))
                .doesNotStartWith("0 ");
    }

    /** Exit status and complaints of {@code config}. */
    private String check(List<String> compose, String text, String profiles) throws Exception {
        Files.writeString(folder.resolve("docker-compose.yml"), text);
        // With a value for every secret, as docker/make-env gives them.
        Files.writeString(
                folder.resolve(".env"), example.replaceAll("(?m)^([A-Z0-9_]*(?:SECRET|KEY|KEYS|PASSWORD)=)$", "$1x"));
        List<String> command = new ArrayList<>(compose);
        command.addAll(List.of("config", "-q"));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("COMPOSE_PROFILES", profiles);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return process.exitValue() + " " + output;
    }

    private static List<String> compose() throws InterruptedException {
        for (List<String> command : List.of(List.of("docker", "compose"), List.of("docker-compose"))) {
            try {
                List<String> version = new ArrayList<>(command);
                version.add("version");
                Process process = new ProcessBuilder(version)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0) {
                    return command;
                }
            } catch (IOException e) {
                // Not installed; the next may be.
            }
        }
        return List.of();
    }
}
