package dev.comfygateway.job.submission.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.Mockito.mock;

import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.submission.SubmissionProperties;
import dev.comfygateway.job.submission.SubmissionProperties.Unrunnable;
import dev.comfygateway.job.submission.SubmitJobCommand;
import dev.comfygateway.job.workflow.WorkflowTemplates;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class SubmitJobRequestReaderTests {

    private static final String GRAPH = "\"workflow\":{\"1\":{\"class_type\":\"EmptyImage\",\"inputs\":{}}}";

    @Test
    void takesTheDefaultPoolWhereThereIsOne() {
        assertThat(read("{" + GRAPH + "}", "default", "h200").pool()).isEqualTo("default");
        assertThat(read("{" + GRAPH + ",\"pool\":\"h200\"}", "default", "h200").pool())
                .isEqualTo("h200");
    }

    /** Nothing would ever take such a job. */
    @Test
    void wantsAPoolWhereThereIsNoDefaultOne() {
        ProblemException problem =
                catchThrowableOfType(ProblemException.class, () -> read("{" + GRAPH + "}", "h200", "b300"));

        assertThat(problem.errors()).containsExactly(new FieldError("/pool", "is required: one of [h200, b300]"));
    }

    private static SubmitJobCommand read(String body, String... pools) {
        SubmissionProperties properties = new SubmissionProperties(
                List.of(pools), DataSize.ofMegabytes(1), DataSize.ofMegabytes(1), Unrunnable.WAIT, List.of("*"));
        return new SubmitJobRequestReader(properties, mock(WorkflowTemplates.class), Clock.systemUTC())
                .read(body.getBytes(StandardCharsets.UTF_8), Caller.user("k", "t", Role.USER), null, null);
    }
}
