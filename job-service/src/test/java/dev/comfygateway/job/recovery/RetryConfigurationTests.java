package dev.comfygateway.job.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.settings.InvalidSettingException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryConfigurationTests {

    private static final List<String> POOLS = List.of("default", "big");

    @Test
    void readsPairsOfPools() {
        assertThat(RetryConfiguration.largerPools(List.of(" default:big "), POOLS))
                .isEqualTo(Map.of("default", "big"));
        assertThat(RetryConfiguration.largerPools(List.of(), POOLS)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "default:huge", "tiny:big", "big:big", "default:big:big"})
    void refusesPoolsThatNobodyServes(String setting) {
        assertThatThrownBy(() -> RetryConfiguration.largerPools(List.of(setting), POOLS))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("JOB_LARGER_POOLS");
    }
}
