package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.ComfySimulatorApplication;
import dev.comfygateway.simulator.socket.SocketHub;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A started simulator. */
final class SimulatorProcess implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    SimulatorProcess(RecordedSession session, Path base) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--spring.reactor.netty.shutdown-quiet-period=0s",
                "--logging.level.root=warn",
                "--comfy.simulator.base-directory=" + base,
                "--comfy.simulator.dialect=" + (session.isOld() ? "old" : "new")));
        session.properties().forEach((name, value) -> arguments.add("--" + name + "=" + value));
        context = new SpringApplicationBuilder(ComfySimulatorApplication.class).run(arguments.toArray(String[]::new));
    }

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    boolean knows(String clientId) {
        return context.getBean(SocketHub.class).knows(clientId);
    }

    @Override
    public void close() {
        context.close();
    }
}
