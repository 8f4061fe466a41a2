package dev.comfygateway.contract.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class FailureTests {

    @Test
    @Proves("S1-47")
    void cutsWhatANodeSaysWithoutEnd() {
        String told = "x".repeat(10_000);
        assertThat(message(told)).isEqualTo(told);
        assertThat(message(told + told)).hasSize(10_000).endsWith("x…");
    }

    @Test
    void neverLeavesHalfACharacter() {
        String told = message("x".repeat(9_998) + "😀😀");

        assertThat(told).isEqualTo("x".repeat(9_998) + "…");
        assertThat(JsonMapper.shared().readValue(JsonMapper.shared().writeValueAsBytes(told), String.class))
                .isEqualTo(told);
    }

    private static String message(String text) {
        return Failure.of(ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR, text)
                .message();
    }
}
