package dev.comfygateway.edge;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Body of every error answer: RFC 9457, plus the members {@code error}, {@code message} and {@code statusCode} for
 * clients that expect plain JSON errors.
 *
 * @param type stable URI per code
 * @param title constant per code
 * @param status HTTP status
 * @param detail what happened, safe for clients
 * @param instance path of the request
 * @param code the stable code
 * @param retryable whether the same request may succeed later
 * @param traceId trace of the request, to quote to an operator; null when there is none
 * @param errors single findings; left out when empty
 * @param error same as {@code code}
 * @param message same as {@code detail}
 * @param statusCode same as {@code status}
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonPropertyOrder({
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "retryable",
    "traceId",
    "errors",
    "error",
    "message",
    "statusCode"
})
public record Problem(
        String type,
        String title,
        int status,
        String detail,
        String instance,
        ErrorCode code,
        boolean retryable,
        @Nullable String traceId,
        List<FieldError> errors,
        ErrorCode error,
        String message,
        int statusCode) {

    public static Problem of(
            ErrorCode code, String detail, String instance, @Nullable String traceId, List<FieldError> errors) {
        return new Problem(
                "https://comfygateway.dev/problems/" + code.name().toLowerCase(Locale.ROOT),
                code.title(),
                code.status(),
                detail,
                instance,
                code,
                code.retryable(),
                traceId,
                errors,
                code,
                detail,
                code.status());
    }
}
