package dev.comfygateway.simulator.http;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Sends files with their tags, in part or not at all, as the request's conditions say. */
final class FileAnswers {

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
    private static final int BUFFER = 1 << 16;

    private FileAnswers() {}

    /** A part of a file. */
    private record Part(long start, long length) {}

    static Mono<ServerResponse> send(
            ServerRequest request, Path file, String contentType, Consumer<HttpHeaders> further) throws IOException {
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        long size = Files.size(file);
        String etag = "\"" + Long.toHexString(modified.getEpochSecond() * 1_000_000_000L + modified.getNano()) + "-"
                + Long.toHexString(size) + "\"";
        modified = modified.truncatedTo(ChronoUnit.SECONDS);
        HttpHeaders given = request.headers().asHttpHeaders();
        if (isRefused(given, etag, modified)) {
            return ServerResponse.status(412)
                    .contentLength(0)
                    .contentType(MediaType.parseMediaType(contentType))
                    .headers(further)
                    .build();
        }
        if (isKnown(given, etag, modified)) {
            return answer(304, contentType, further, etag, modified).build();
        }
        Part part = new Part(0, size);
        int status = 200;
        String range = given.getFirst(HttpHeaders.RANGE);
        if (range != null && isCurrent(given, modified)) {
            Part wanted = part(range, size);
            if (wanted == null) {
                return ServerResponse.status(416)
                        .contentLength(0)
                        .contentType(MediaType.parseMediaType(contentType))
                        .headers(further)
                        .header(HttpHeaders.CONTENT_RANGE, "bytes */" + size)
                        .build();
            }
            part = wanted;
            status = 206;
        }
        ServerResponse.BodyBuilder answer = answer(status, contentType, further, etag, modified)
                .contentLength(part.length)
                .header(HttpHeaders.ACCEPT_RANGES, "bytes");
        if (status == 206) {
            answer.header(
                    HttpHeaders.CONTENT_RANGE,
                    "bytes " + part.start + "-" + (part.start + part.length - 1) + "/" + size);
        }
        Part chosen = part;
        boolean headOnly = CompatibilityFilter.isHead(request.exchange());
        return answer.build(
                (exchange, context) -> headOnly ? Mono.empty() : write(exchange.getResponse(), file, chosen));
    }

    private static ServerResponse.BodyBuilder answer(
            int status, String contentType, Consumer<HttpHeaders> further, String etag, Instant modified) {
        return ServerResponse.status(status)
                .contentType(MediaType.parseMediaType(contentType))
                .headers(further)
                .eTag(etag)
                .lastModified(modified);
    }

    private static Mono<Void> write(ServerHttpResponse response, Path file, Part part) {
        if (part.length == 0) {
            return response.setComplete();
        }
        if (response instanceof ZeroCopyHttpOutputMessage direct) {
            return direct.writeWith(file, part.start, part.length);
        }
        return response.writeWith(DataBufferUtils.takeUntilByteCount(
                DataBufferUtils.readAsynchronousFileChannel(
                        () -> AsynchronousFileChannel.open(file), part.start, response.bufferFactory(), BUFFER),
                part.length));
    }

    private static boolean isRefused(HttpHeaders given, String etag, Instant modified) {
        List<String> wanted = given.getIfMatch();
        if (!wanted.isEmpty()) {
            return !wanted.contains("*") && !wanted.contains(etag);
        }
        long until = given.getIfUnmodifiedSince();
        return until >= 0 && modified.toEpochMilli() > until;
    }

    private static boolean isKnown(HttpHeaders given, String etag, Instant modified) {
        List<String> known = given.getIfNoneMatch();
        if (!known.isEmpty()) {
            return known.contains("*") || known.contains(etag) || known.contains("W/" + etag);
        }
        long since = given.getIfModifiedSince();
        return since >= 0 && modified.toEpochMilli() <= since;
    }

    /** A range of an older state is answered with the whole file. */
    private static boolean isCurrent(HttpHeaders given, Instant modified) {
        if (given.getFirst(HttpHeaders.IF_RANGE) == null) {
            return true;
        }
        try {
            return modified.toEpochMilli() <= given.getFirstDate(HttpHeaders.IF_RANGE);
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    /** Null when the range cannot be sent: several at once cannot either. */
    private static @Nullable Part part(String range, long size) {
        Matcher matcher = RANGE.matcher(range);
        if (!matcher.matches()) {
            return null;
        }
        String first = matcher.group(1);
        String last = matcher.group(2);
        if (first.isEmpty()) {
            if (last.isEmpty()) {
                return null;
            }
            long length = Math.min(Long.parseLong(last), size);
            return length == 0 ? null : new Part(size - length, length);
        }
        long start = Long.parseLong(first);
        long end = last.isEmpty() ? size - 1 : Math.min(Long.parseLong(last), size - 1);
        return start >= size || end < start ? null : new Part(start, end - start + 1);
    }
}
