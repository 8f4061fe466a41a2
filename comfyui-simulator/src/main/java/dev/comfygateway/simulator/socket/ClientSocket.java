package dev.comfygateway.simulator.socket;

import java.util.concurrent.ArrayBlockingQueue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** One connection with its own bounded queue: a client that does not read is dropped and holds up nobody else. */
final class ClientSocket {

    private final Sinks.Many<Object> outbound;
    private volatile boolean previewMetadata;

    ClientSocket(int capacity) {
        outbound = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(capacity));
    }

    /** Texts as strings, frames as byte arrays. */
    Flux<Object> outbound() {
        return outbound.asFlux();
    }

    synchronized void send(Object message) {
        if (outbound.tryEmitNext(message) == Sinks.EmitResult.FAIL_OVERFLOW) {
            outbound.tryEmitError(new IllegalStateException("the client does not read its socket"));
        }
    }

    boolean wantsPreviewMetadata() {
        return previewMetadata;
    }

    void announcePreviewMetadata() {
        previewMetadata = true;
    }
}
