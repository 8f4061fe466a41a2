package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPInputStream;
import org.springframework.core.io.buffer.DataBufferUtils;
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
        return bytes(request).publishOn(Schedulers.boundedElastic()).map(Json::parse);
    }

    /** The whole body, decompressed. */
    Mono<byte[]> bytes(ServerRequest request) {
        boolean gzip = "gzip".equalsIgnoreCase(request.headers().asHttpHeaders().getFirst("Content-Encoding"));
        return DataBufferUtils.join(request.exchange().getRequest().getBody())
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.readableByteCount()];
                    buffer.read(bytes);
                    DataBufferUtils.release(buffer);
                    return bytes;
                })
                .defaultIfEmpty(new byte[0])
                .map(bytes -> gzip ? unzip(bytes) : bytes);
    }

    private byte[] unzip(byte[] bytes) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] plain = in.readNBytes(limit + 1);
            if (plain.length > limit) {
                throw new BodyTooLargeException(limit);
            }
            return plain;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
