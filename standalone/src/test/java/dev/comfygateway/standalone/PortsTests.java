package dev.comfygateway.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PortsTests {

    @Test
    void takesAnotherPortWhereTheDefaultIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int free = FreePorts.some(1).getFirst();
            Map<String, Integer> preferred = new LinkedHashMap<>();
            preferred.put("one", taken.getLocalPort());
            preferred.put("two", free);
            Map<String, Integer> chosen = Ports.choose(preferred);
            assertThat(chosen.get("one")).isNotEqualTo(taken.getLocalPort()).isNotEqualTo(free);
            assertThat(chosen).containsEntry("two", free);
            assertThat(Ports.isFree(taken.getLocalPort())).isFalse();
        }
    }
}
