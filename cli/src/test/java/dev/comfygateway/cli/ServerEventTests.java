package dev.comfygateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerEventTests {

    private final ServerEvent.Reader reader = new ServerEvent.Reader();

    @Test
    void putsLinesTogetherAndRemembersTheLastId() {
        List<ServerEvent> events = read("""
                retry: 1200
                : heartbeat

                id: 2
                event: running
                data: {"status":"running"}

                event: progress
                data: {"percent":40,
                data: "nodeClass":"KSampler"}

                """);
        assertThat(events).extracting(ServerEvent::name).containsExactly("running", "progress");
        assertThat(events.get(1).data().path("nodeClass").asString("")).isEqualTo("KSampler");
        assertThat(reader.lastId()).isEqualTo("2");
    }

    @Test
    void showsALinePerChangeWhereThereIsNoTerminal() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ProgressBar bar = new ProgressBar(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);
        read("""
                        event: running
                        data: {}

                        event: node
                        data: {"nodeClass":"KSampler","nodesDone":2,"nodesTotal":7}

                        event: progress
                        data: {"percent":50,"nodeClass":"KSampler","step":10,"steps":20}

                        event: node
                        data: {"nodeClass":"VAEDecode","nodesDone":3,"nodesTotal":7}

                        event: end
                        data: {"status":"succeeded"}

                        """).forEach(bar::accept);
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines().map(String::strip))
                .containsExactly(
                        "0 %  running",
                        "28 %  running   KSampler",
                        "50 %  running   KSampler 10/20",
                        "50 %  running   VAEDecode",
                        "100 %  succeeded");
    }

    @Test
    void givesInputsTheirTypes() {
        assertThat(SubmitCommand.body("demo", Map.of("seed", "42")).toString())
                .isEqualTo("{\"workflowId\":\"demo\",\"inputs\":{\"seed\":42}}");
        assertThat(SubmitCommand.body("demo", Map.of("prompt", "a fox")).toString())
                .contains("\"prompt\":\"a fox\"");
    }

    @Test
    void tellsItsVersion() {
        assertThat(ComfyGw.commandLine().execute("--version")).isZero();
    }

    private List<ServerEvent> read(String text) {
        List<ServerEvent> events = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            ServerEvent event = reader.accept(line);
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }
}
