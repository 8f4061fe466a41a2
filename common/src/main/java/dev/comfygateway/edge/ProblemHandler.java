package dev.comfygateway.edge;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webflux.error.ErrorWebExceptionHandler;
import org.springframework.core.NestedRuntimeException;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.support.WebExchangeBindException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns whatever goes wrong during a request, in a controller, a filter or the routing, into a {@link Problem}. Only
 * problems nobody foresaw are logged with a stack trace, and their text never reaches the client.
 */
@Order(-2)
public final class ProblemHandler implements ErrorWebExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ProblemHandler.class);

    private final JsonMapper json;
    private final @Nullable Tracer tracer;

    public ProblemHandler(JsonMapper json, @Nullable Tracer tracer) {
        this.json = json;
        this.tracer = tracer;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable error) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted()) {
            return Mono.error(error);
        }
        Problem problem = problem(exchange, error);
        response.setRawStatusCode(problem.status());
        response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (problem.code() == ErrorCode.AUTH_FAILED) {
            response.getHeaders().set("WWW-Authenticate", "Bearer");
        }
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(json.writeValueAsBytes(problem))));
    }

    private Problem problem(ServerWebExchange exchange, Throwable error) {
        String path = exchange.getRequest().getPath().value();
        ErrorCode code = code(error);
        String detail = switch (error) {
            case ProblemException known -> known.getMessage();
            case ResponseStatusException status when status.getReason() != null -> status.getReason();
            default -> code.title();
        };
        List<FieldError> errors = switch (error) {
            case ProblemException known -> known.errors();
            case WebExchangeBindException bind ->
                bind.getFieldErrors().stream()
                        .map(field -> new FieldError(
                                "/" + field.getField().replace('.', '/'), String.valueOf(field.getDefaultMessage())))
                        .toList();
            default -> List.of();
        };
        Span span = span(exchange);
        log(exchange, code, error, span);
        return Problem.of(
                code,
                detail == null ? code.title() : detail,
                path,
                span == null ? null : span.context().traceId(),
                errors);
    }

    private static ErrorCode code(Throwable error) {
        return switch (error) {
            case ProblemException known -> known.code();
            case WebExchangeBindException bind -> ErrorCode.VALIDATION_ERROR;
            case ResponseStatusException status when limitExceeded(status) -> ErrorCode.PAYLOAD_TOO_LARGE;
            case ResponseStatusException status ->
                code(HttpStatus.resolve(status.getStatusCode().value()));
            case DataBufferLimitException limit -> ErrorCode.PAYLOAD_TOO_LARGE;
            case DataAccessResourceFailureException away -> ErrorCode.SERVICE_UNAVAILABLE;
            case TransientDataAccessException busy -> ErrorCode.SERVICE_UNAVAILABLE;
            case CannotCreateTransactionException away -> ErrorCode.SERVICE_UNAVAILABLE;
            default -> ErrorCode.INTERNAL_ERROR;
        };
    }

    private static boolean limitExceeded(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataBufferLimitException) {
                return true;
            }
        }
        return false;
    }

    private static ErrorCode code(@Nullable HttpStatus status) {
        return switch (status) {
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case METHOD_NOT_ALLOWED -> ErrorCode.METHOD_NOT_ALLOWED;
            case NOT_ACCEPTABLE -> ErrorCode.NOT_ACCEPTABLE;
            case UNSUPPORTED_MEDIA_TYPE -> ErrorCode.UNSUPPORTED_MEDIA_TYPE;
            case CONTENT_TOO_LARGE -> ErrorCode.PAYLOAD_TOO_LARGE;
            case BAD_REQUEST -> ErrorCode.MALFORMED_REQUEST;
            case UNAUTHORIZED -> ErrorCode.AUTH_FAILED;
            case FORBIDDEN -> ErrorCode.FORBIDDEN;
            case SERVICE_UNAVAILABLE, BAD_GATEWAY, GATEWAY_TIMEOUT -> ErrorCode.SERVICE_UNAVAILABLE;
            case null, default -> ErrorCode.INTERNAL_ERROR;
        };
    }

    private void log(ServerWebExchange exchange, ErrorCode code, Throwable error, @Nullable Span span) {
        // Once per request while the database is away: no stack trace.
        boolean hasToWait = error instanceof NestedRuntimeException && code == ErrorCode.SERVICE_UNAVAILABLE;
        if (code != ErrorCode.INTERNAL_ERROR && !hasToWait) {
            return;
        }
        HttpMethod method = exchange.getRequest().getMethod();
        String path = exchange.getRequest().getPath().value();
        try (Tracer.SpanInScope _ = tracer == null ? null : tracer.withSpan(span)) {
            if (hasToWait) {
                log.warn("Request {} {} has to wait: {}", method, path, String.valueOf(error.getMessage()));
            } else {
                log.error("Request {} {} failed", method, path, error);
            }
        }
    }

    /** The request's; the thread that handles an error need not know it. */
    private static @Nullable Span span(ServerWebExchange exchange) {
        return ServerRequestObservationContext.findCurrent(exchange.getAttributes())
                .map(context -> context.<TracingContext>get(TracingContext.class))
                .map(TracingContext::getSpan)
                .orElse(null);
    }
}
