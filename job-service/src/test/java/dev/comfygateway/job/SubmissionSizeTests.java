package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import org.junit.jupiter.api.Test;

class SubmissionSizeTests extends JobServiceScenario {

    private static final int MEGABYTE = 1024 * 1024;

    @Test
    @Proves("S1-47")
    void refusesWhatIsTooLargeAndTakesWhatIsJustNot() {
        assertTooLarge(graph(",\"metadata\":{\"note\":\"" + "x".repeat(MEGABYTE) + "\"}"));
        assertTooLarge(workflow(10 * MEGABYTE));
        // Larger than any body may be.
        assertTooLarge(workflow(13 * MEGABYTE));

        submit(graph(",\"metadata\":{\"note\":\"" + "x".repeat(MEGABYTE - 1_000) + "\"}"), null, 202);
        submit(workflow(10 * MEGABYTE - 1_000), null, 202);
    }

    private void assertTooLarge(String body) {
        assertThat(submit(body, null, 413).at("/code").asString()).isEqualTo("PAYLOAD_TOO_LARGE");
    }

    private String workflow(int characters) {
        return "{\"pool\":\"" + pool + "\",\"workflow\":{\"1\":{\"class_type\":\"X\",\"inputs\":{\"text\":\""
                + "x".repeat(characters) + "\"}}}}";
    }
}
