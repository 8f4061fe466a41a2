package dev.comfygateway.simulator.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every recorded session of a real server, replayed against the simulator of the same dialect. One of them alone:
 * {@code -Dsession=0.33.0/03}.
 */
class ConformanceTests {

    private static final KnownGaps GAPS = KnownGaps.read();

    @TempDir
    private Path base;

    static Stream<RecordedSession> sessions() {
        String only = System.getProperty("session", "");
        return RecordedSession.all().stream().filter(session -> session.name().startsWith(only));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("sessions")
    void answersAsRecorded(RecordedSession session) {
        List<KnownGaps.Gap> gaps = GAPS.of(session);
        List<Difference> differences = replay(session, false);
        if (!differences.isEmpty() && gaps.stream().anyMatch(KnownGaps.Gap::anyOrder)) {
            assertThat(replay(session, true)).as("in any order").isEmpty();
            return;
        }
        List<Difference> unexpected = differences.stream()
                .filter(difference -> gaps.stream().noneMatch(gap -> covers(gap, difference)))
                .toList();
        assertThat(unexpected).as("differences that are no known gap").isEmpty();
        assertThat(gaps)
                .as("gaps that are closed: remove them from gaps.json and the README")
                .allSatisfy(gap -> assertThat(differences).anyMatch(difference -> covers(gap, difference)));
    }

    @Test
    void knowsTheSessionOfEveryGap() {
        List<String> names =
                RecordedSession.all().stream().map(RecordedSession::name).toList();

        assertThat(GAPS.gaps()).extracting(KnownGaps.Gap::session).isSubsetOf(names);
        assertThat(GAPS.gaps()).noneMatch(gap -> gap.reason().isBlank());
    }

    @Test
    void listsTheGapsInTheReadme() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("README.md"));
        List<String> table = lines.subList(lines.indexOf("<!-- gaps -->") + 3, lines.size());

        assertThat(table)
                .containsExactlyElementsOf(
                        GAPS.gaps().stream().map(KnownGaps.Gap::row).toList());
    }

    private static boolean covers(KnownGaps.Gap gap, Difference difference) {
        return difference.place().startsWith(gap.part());
    }

    private List<Difference> replay(RecordedSession session, boolean anyOrder) {
        boolean wholeGap = GAPS.of(session).stream().anyMatch(gap -> gap.part().isEmpty() && !gap.anyOrder());
        Path folder = base.resolve(anyOrder ? "any-order" : "in-order");
        try (SessionReplay replay = new SessionReplay(session, folder, anyOrder, wholeGap)) {
            return replay.run();
        }
    }
}
