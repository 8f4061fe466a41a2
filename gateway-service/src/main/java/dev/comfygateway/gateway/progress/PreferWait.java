package dev.comfygateway.gateway.progress;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code wait} preference of RFC 7240. */
final class PreferWait {

    static final String HEADER = "Prefer";

    private static final Pattern WAIT =
            Pattern.compile("(?:^|[,;])\\s*wait\\s*=\\s*\"?([0-9]{1,6})\"?\\s*(?:$|[,;])", Pattern.CASE_INSENSITIVE);

    private PreferWait() {}

    /** How long the client would wait, or empty when it does not ask; anything unreadable is ignored, as it must be. */
    static Optional<Duration> parse(List<String> headers) {
        return headers.stream()
                .map(WAIT::matcher)
                .filter(Matcher::find)
                .map(matcher -> Duration.ofSeconds(Long.parseLong(matcher.group(1))))
                .filter(Duration::isPositive)
                .findFirst();
    }
}
