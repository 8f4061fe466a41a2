package dev.comfygateway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReferencesTests {

    @Test
    void listsSettingsWithTheVariablesThatSetThem() {
        ConfigurationReference reference = new ConfigurationReference();
        reference.add("storage-service", """
                {"properties": [
                  {"name": "comfy.storage.s3.public-endpoint", "type": "java.net.URI", "description": "For clients."},
                  {"name": "comfy.storage.link-life", "type": "java.time.Duration", "defaultValue": "1h"}
                ]}
                """, """
                server:
                  port: ${PORT:8082}
                comfy.storage.s3:
                  endpoint: ${S3_ENDPOINT:http://localhost:9000}
                  public-endpoint: ${S3_PUBLIC_ENDPOINT:${S3_ENDPOINT:http://localhost:9000}}
                """);

        assertThat(reference.render())
                .contains("| `PORT` | `8082` | `server.port` | storage-service |")
                .contains("| `S3_PUBLIC_ENDPOINT` | `${S3_ENDPOINT:http://localhost:9000}` |")
                .contains("| `S3_ENDPOINT` | `http://localhost:9000` |")
                .contains("| `comfy.storage.link-life` | Duration | `1h` |  |  |")
                .contains(
                        "| `comfy.storage.s3.public-endpoint` | URI |  | `S3_ENDPOINT`, `S3_PUBLIC_ENDPOINT` | For clients. |");
    }

    @Test
    void putsTheTransitionsIntoTheirPlace() {
        String before = """
                # A
                <!-- transitions:begin, written by ./mvnw verify from Job -->

                | old |

                <!-- transitions:end -->
                B
                """;

        String after = TransitionTable.replace(before, "| new |\n");

        assertThat(after).isEqualTo(before.replace("| old |", "| new |"));
        assertThatThrownBy(() -> TransitionTable.replace("# A\n", "| new |\n"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void listsMetricsWithTheirComments() {
        String page = MetricsReference.render("""
                /** Not a metric. */
                public final class MetricNames {

                    /** Jobs accepted. Tags: {@code pool}. */
                    public static final String JOB_SUBMITTED = "comfy.job.submitted";

                    private MetricNames() {}
                }
                """);

        assertThat(page)
                .contains("| `comfy.job.submitted` | `comfy_job_submitted` | Jobs accepted. Tags: `pool`. |")
                .doesNotContain("Not a metric");
    }
}
