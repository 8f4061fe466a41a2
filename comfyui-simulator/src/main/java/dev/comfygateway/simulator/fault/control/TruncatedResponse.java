package dev.comfygateway.simulator.fault.control;

import dev.comfygateway.simulator.fault.Fault;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Says how long the body is, sends less, and ends the connection. */
final class TruncatedResponse extends ServerHttpResponseDecorator {

    private final Fault fault;

    TruncatedResponse(ServerHttpResponse response, Fault fault) {
        super(response);
        this.fault = fault;
    }

    @Override
    public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        long whole = getHeaders().getContentLength();
        long limit = fault.number("bytes", Math.max(0, whole / 2));
        AtomicLong sent = new AtomicLong();
        Flux<DataBuffer> part = Flux.<DataBuffer>from(body).handle((buffer, sink) -> {
            long left = limit - sent.get();
            if (left <= 0) {
                DataBufferUtils.release(buffer);
                sink.complete();
                return;
            }
            if (buffer.readableByteCount() > left) {
                buffer.writePosition(buffer.readPosition() + (int) left);
            }
            sent.addAndGet(buffer.readableByteCount());
            sink.next(buffer);
        });
        // Each piece is flushed by itself, and the connection ends when all of them were written: not before, or pieces
        // that wait get lost, and not with an end of the answer.
        return super.writeAndFlushWith(part.map(Mono::just)).then(Mono.defer(() -> {
            FaultFilter.withChannel(getDelegate(), channel -> {
                var _ = channel.close();
            });
            return Mono.never();
        }));
    }
}
