package dev.comfygateway.storage.asset.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.Filenames;
import dev.comfygateway.storage.asset.ReadContent;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Sends the bytes of an asset: whole or a range, or only the headers. */
@Component
class ContentWriter {

    private final ReadContent content;

    ContentWriter(ReadContent content) {
        this.content = content;
    }

    Mono<Void> write(Asset asset, ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        ServerHttpResponse response = exchange.getResponse();
        HttpHeaders headers = response.getHeaders();
        String etag = "\"" + asset.sha256() + "\"";
        headers.setETag(etag);
        headers.set(HttpHeaders.ACCEPT_RANGES, "bytes");
        // The bytes never change, but the right to see them may.
        headers.setCacheControl("private, no-cache");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set(
                HttpHeaders.CONTENT_DISPOSITION, Filenames.contentDisposition(asset.filename(), asset.contentType()));
        if (matches(request.getHeaders().getFirst(HttpHeaders.IF_NONE_MATCH), etag)) {
            response.setStatusCode(HttpStatus.NOT_MODIFIED);
            return response.setComplete();
        }
        String condition = request.getHeaders().getFirst(HttpHeaders.IF_RANGE);
        ByteRange range = condition == null || condition.equals(etag)
                ? ByteRange.parse(request.getHeaders().getFirst(HttpHeaders.RANGE), asset.size())
                : null;
        if (ByteRange.UNSATISFIABLE.equals(range)) {
            headers.set(HttpHeaders.CONTENT_RANGE, "bytes */" + asset.size());
            response.setStatusCode(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE);
            headers.setContentLength(0);
            return response.setComplete();
        }
        headers.setContentType(MediaType.parseMediaType(asset.contentType()));
        ByteRange sent = range == null ? new ByteRange(0, asset.size() - 1) : range;
        headers.setContentLength(sent.length());
        if (range == null) {
            response.setStatusCode(HttpStatus.OK);
        } else {
            response.setStatusCode(HttpStatus.PARTIAL_CONTENT);
            headers.set(HttpHeaders.CONTENT_RANGE, "bytes " + sent.first() + "-" + sent.last() + "/" + asset.size());
        }
        if (HttpMethod.HEAD.equals(request.getMethod())) {
            return response.setComplete();
        }
        return response.writeWith(content.stream(asset, sent.first(), sent.length()))
                .onErrorResume(ProblemException.class, error -> Mono.error(withoutFileHeaders(error, response)));
    }

    /** A problem that comes instead of the file must not carry the file's headers. */
    private static ProblemException withoutFileHeaders(ProblemException error, ServerHttpResponse response) {
        if (!response.isCommitted()) {
            HttpHeaders headers = response.getHeaders();
            headers.remove(HttpHeaders.CONTENT_LENGTH);
            headers.remove(HttpHeaders.CONTENT_RANGE);
            headers.remove(HttpHeaders.CONTENT_DISPOSITION);
            headers.remove(HttpHeaders.ETAG);
        }
        return error.code() == ErrorCode.STORAGE_UNAVAILABLE
                ? error
                : new ProblemException(ErrorCode.STORAGE_READ_ERROR, String.valueOf(error.getMessage()));
    }

    private static boolean matches(@Nullable String header, String etag) {
        if (header == null) {
            return false;
        }
        for (String candidate : header.split(",", -1)) {
            String tag = candidate.strip();
            if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
                return true;
            }
        }
        return false;
    }
}
