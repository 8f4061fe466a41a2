package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/** Reads JSON bodies, whatever content type they claim. */
@Component
class Bodies {

    private final int limit;

    Bodies(SimulatorProperties properties) {
        this.limit = Math.toIntExact(properties.maxUploadSize().toBytes());
    }

    /** The body as JSON; an empty one fails like malformed text. */
    Mono<JsonNode> json(ServerRequest request) {
        return bytes(request).publishOn(Schedulers.boundedElastic()).map(bytes -> {
            JsonNode body = Json.parse(bytes);
            if (body.isMissingNode()) {
                throw new IllegalArgumentException("the body is empty");
            }
            return body;
        });
    }

    /** The whole body, decompressed. */
    Mono<byte[]> bytes(ServerRequest request) {
        String coding = String.valueOf(request.headers().firstHeader(HttpHeaders.CONTENT_ENCODING))
                .toLowerCase(Locale.ROOT);
        if (coding.equals("br")) {
            return Mono.error(
                    new RaisedException(400, "Can not decode content-encoding: brotli (br). Please install `Brotli`"));
        }
        return DataBufferUtils.join(request.exchange().getRequest().getBody())
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return bytes;
                })
                .defaultIfEmpty(new byte[0])
                .map(bytes -> plain(coding, bytes));
    }

    private byte[] plain(String coding, byte[] bytes) {
        try (InputStream in = opened(coding, new ByteArrayInputStream(bytes))) {
            byte[] plain = in.readNBytes(limit + 1);
            if (plain.length > limit) {
                throw new BodyTooLargeException(limit);
            }
            return plain;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream opened(String coding, InputStream in) throws IOException {
        return switch (coding) {
            case "gzip" -> new GZIPInputStream(in);
            case "deflate" -> new InflaterInputStream(in);
            default -> in;
        };
    }
}
