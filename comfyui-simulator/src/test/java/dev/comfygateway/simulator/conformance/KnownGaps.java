package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What of the recordings the simulator does not repeat, from {@code captures/gaps.json}. An entry names a session and a
 * reason; with a {@code part} it covers only differences at places that begin with it, with {@code "order":"any"} only
 * the order in which nodes run. An entry that is not needed any more fails the test.
 */
record KnownGaps(List<Gap> gaps) {

    /**
     * One entry.
     *
     * @param session the session's name
     * @param part where the difference is; empty for the whole session
     * @param anyOrder whether only the order of nodes differs
     * @param reason why
     */
    record Gap(String session, String part, boolean anyOrder, String reason) {

        /** Its row in the README. */
        String row() {
            String what = anyOrder ? "order of nodes" : part.isEmpty() ? "all" : "`" + part + "`";
            return "| `" + session + "` | " + what + " | " + reason + " |";
        }
    }

    KnownGaps {
        gaps = List.copyOf(gaps);
    }

    static KnownGaps read() {
        List<Gap> gaps = new ArrayList<>();
        try {
            for (JsonNode entry :
                    Json.parse(Files.readAllBytes(RecordedSession.folder().resolve("gaps.json")))) {
                gaps.add(new Gap(
                        entry.get("session").stringValue(),
                        entry.path("part").asString(""),
                        entry.path("order").asString("").equals("any"),
                        entry.get("reason").stringValue()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new KnownGaps(gaps);
    }

    List<Gap> of(RecordedSession session) {
        return gaps.stream().filter(gap -> gap.session().equals(session.name())).toList();
    }
}
