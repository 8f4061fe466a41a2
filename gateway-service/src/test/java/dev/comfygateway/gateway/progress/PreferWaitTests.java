package dev.comfygateway.gateway.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreferWaitTests {

    @Test
    void findsTheWaitAmongOtherPreferences() {
        assertThat(PreferWait.parse(List.of("wait=10"))).contains(Duration.ofSeconds(10));
        assertThat(PreferWait.parse(List.of("respond-async, wait=7"))).contains(Duration.ofSeconds(7));
        assertThat(PreferWait.parse(List.of("return=minimal", "Wait = \"5\""))).contains(Duration.ofSeconds(5));
    }

    @Test
    void ignoresWhatIsNoWait() {
        assertThat(PreferWait.parse(List.of())).isEmpty();
        assertThat(PreferWait.parse(List.of("wait=0"))).isEmpty();
        assertThat(PreferWait.parse(List.of("wait=soon", "await=3", "wait=-1"))).isEmpty();
    }
}
