package dev.comfygateway.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.transaction.CannotCreateTransactionException;
import tools.jackson.databind.json.JsonMapper;

class ProblemHandlerTests {

    private final ProblemHandler handler =
            new ProblemHandler(JsonMapper.builder().build(), null);

    @ParameterizedTest
    @MethodSource
    void asksForPatienceWhileTheDatabaseIsAway(RuntimeException error) {
        assertThat(answer(error)).startsWith("503 ").contains("\"SERVICE_UNAVAILABLE\"");
    }

    @ParameterizedTest
    @MethodSource
    void takesTheBlameForOtherErrors(RuntimeException error) {
        assertThat(answer(error))
                .startsWith("500 ")
                .contains("\"INTERNAL_ERROR\"")
                .doesNotContain("secret");
    }

    static RuntimeException[] asksForPatienceWhileTheDatabaseIsAway() {
        return new RuntimeException[] {
            new DataAccessResourceFailureException("No connection"),
            new QueryTimeoutException("Too slow"),
            new CannotCreateTransactionException("No connection")
        };
    }

    static RuntimeException[] takesTheBlameForOtherErrors() {
        return new RuntimeException[] {new DuplicateKeyException("secret"), new IllegalStateException("secret")};
    }

    private String answer(RuntimeException error) {
        MockServerWebExchange exchange = MockServerWebExchange.from(
                MockServerHttpRequest.post("/v1/jobs").build());
        handler.handle(exchange, error).block();
        return Objects.requireNonNull(exchange.getResponse().getStatusCode()).value() + " "
                + exchange.getResponse().getBodyAsString().block();
    }
}
