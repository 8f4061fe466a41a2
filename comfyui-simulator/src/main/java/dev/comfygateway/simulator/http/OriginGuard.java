package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Keeps pages of other sites from driving a server that listens on loopback. */
final class OriginGuard {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private OriginGuard() {}

    static boolean isForeign(HttpHeaders headers, Dialect dialect) {
        if (!dialect.isOld() && "cross-site".equals(headers.getFirst("Sec-Fetch-Site"))) {
            return true;
        }
        String host = headers.getFirst(HttpHeaders.HOST);
        String origin = headers.getFirst(HttpHeaders.ORIGIN);
        if (host == null || origin == null) {
            return false;
        }
        URI target = uri("http://" + host);
        URI source = uri(origin);
        if (target == null || target.getHost() == null || !LOOPBACK.contains(target.getHost())) {
            return false;
        }
        if (source == null || source.getHost() == null || !source.getHost().equals(target.getHost())) {
            return true;
        }
        return source.getPort() != -1 && target.getPort() != -1 && source.getPort() != target.getPort();
    }

    private static @Nullable URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
