package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The trace of a submission goes with its job, past the database and over threads that know nothing of it. */
class TraceTests extends JobServiceScenario {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void goesOnInTheGrantAndInWhatIsLogged() throws Exception {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(JobTransitions.class);
        lines.start();
        logger.addAppender(lines);
        String id;
        try {
            id = json.readTree(traced("POST", "/v1/jobs", graph("")).body())
                    .at("/jobId")
                    .asString();
            Grant grant = granted(claim("c1"));
            assertThat(grant.jobId()).isEqualTo(id);
            assertThat(grant.traceparent()).contains(TRACE);
        } finally {
            logger.detachAppender(lines);
        }
        List<Map<String, String>> contexts = List.copyOf(lines.list).stream()
                .filter(line -> line.getKeyValuePairs().stream().anyMatch(pair -> id.equals(pair.value)))
                .map(ILoggingEvent::getMDCPropertyMap)
                .toList();
        assertThat(contexts)
                .hasSize(2)
                .allSatisfy(context -> assertThat(context).containsEntry("traceId", TRACE));
    }

    @Test
    void isNamedInAProblem() throws Exception {
        HttpResponse<String> answer = traced("POST", "/v1/jobs/j_none/cancel", "");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(json.readTree(answer.body()).at("/traceId").asString()).isEqualTo(TRACE);
    }

    private HttpResponse<String> traced(String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                        .header("Authorization", "Bearer " + tokens.issue(user(), Duration.ofMinutes(1)))
                        .header("Content-Type", "application/json")
                        .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
