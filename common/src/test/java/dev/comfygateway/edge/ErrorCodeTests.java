package dev.comfygateway.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.problem.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorCodeTests {

    @Test
    void titlesAndTypesAreUnique() {
        assertThat(ErrorCode.values()).extracting(ErrorCode::title).doesNotHaveDuplicates();
        assertThat(ErrorCode.values())
                .extracting(code -> Problem.of(code, "", "/", null, List.of()).type())
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeIsAnError(ErrorCode code) {
        assertThat(code.name()).matches("[A-Z][A-Z0-9]*(_[A-Z0-9]+)*");
        assertThat(code.status()).isBetween(400, 599);
        assertThat(code.title()).isNotBlank();
    }
}
