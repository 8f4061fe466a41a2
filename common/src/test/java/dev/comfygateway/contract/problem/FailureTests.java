package dev.comfygateway.contract.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import org.junit.jupiter.api.Test;

class FailureTests {

    @Test
    @Proves("S1-47")
    void cutsWhatANodeSaysWithoutEnd() {
        String told = "x".repeat(10_000);
        assertThat(message(told)).isEqualTo(told);
        assertThat(message(told + told)).hasSize(10_000).endsWith("x…");
    }

    private static String message(String text) {
        return Failure.of(ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR, text)
                .message();
    }
}
