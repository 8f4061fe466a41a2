package dev.comfygateway.job.submission.web;

import dev.comfygateway.job.submission.RequestedTime;
import dev.comfygateway.job.workflow.Findings;
import dev.comfygateway.job.workflow.RequestedLimits;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code ttlSeconds}, {@code deadline} and {@code limits} of a request. */
final class RequestedTimeReader {

    private static final int YEAR = 366 * 24 * 60 * 60;

    private final Clock clock;

    RequestedTimeReader(Clock clock) {
        this.clock = clock;
    }

    RequestedTime read(Map<String, Object> request, @Nullable RequestedLimits ofTemplate, Findings findings) {
        Integer ttl = seconds(request.get("ttlSeconds"), "/ttlSeconds", findings);
        Instant deadline = deadline(request.get("deadline"), findings);
        if (request.get("ttlSeconds") != null && request.get("deadline") != null) {
            findings.add("/deadline", "give either ttlSeconds or deadline");
        }
        RequestedLimits limits = limits(request.get("limits"), findings).or(ofTemplate);
        return new RequestedTime(limits, ttl == null ? null : Duration.ofSeconds(ttl), deadline);
    }

    private static RequestedLimits limits(@Nullable Object value, Findings findings) {
        if (value == null) {
            return RequestedLimits.NONE;
        }
        if (!(value instanceof Map<?, ?> limits)) {
            findings.add("/limits", "must be an object");
            return RequestedLimits.NONE;
        }
        return new RequestedLimits(
                limit(limits, "waitingSeconds", findings),
                limit(limits, "startSeconds", findings),
                limit(limits, "noProgressSeconds", findings),
                limit(limits, "totalSeconds", findings));
    }

    private static @Nullable Integer limit(Map<?, ?> limits, String name, Findings findings) {
        return seconds(limits.get(name), "/limits/" + name, findings);
    }

    private static @Nullable Integer seconds(@Nullable Object value, String pointer, Findings findings) {
        if (value == null) {
            return null;
        }
        if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() > 0) {
            return (int) Math.min(((Number) value).longValue(), YEAR);
        }
        findings.add(pointer, "must be a positive whole number");
        return null;
    }

    private @Nullable Instant deadline(@Nullable Object value, Findings findings) {
        if (value == null) {
            return null;
        }
        Instant deadline;
        try {
            deadline = OffsetDateTime.parse(String.valueOf(value)).toInstant();
        } catch (DateTimeException e) {
            findings.add("/deadline", "must be a time as in RFC 3339, such as 2030-01-31T12:00:00Z");
            return null;
        }
        Instant now = clock.instant();
        if (!deadline.isAfter(now) || deadline.isAfter(now.plusSeconds(YEAR))) {
            findings.add("/deadline", "must be in the future, at most a year from now");
        }
        return deadline;
    }
}
