package dev.comfygateway.simulator.socket;

import java.util.concurrent.ArrayBlockingQueue;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** One connection with its own bounded queue: a client that does not read is dropped and holds up nobody else. */
final class ClientSocket {

    /** How many messages may wait before a sender waits, too; the real server counts bytes. */
    private static final int UNREAD = 64;

    private final Sinks.Many<Object> outbound;
    private int unread;
    private boolean closed;
    private volatile boolean previewMetadata;

    ClientSocket(int capacity) {
        outbound = Sinks.many().unicast().onBackpressureBuffer(new ArrayBlockingQueue<>(capacity));
    }

    /** Texts as strings, frames as byte arrays. */
    Flux<Object> outbound() {
        return outbound.asFlux().doOnNext(message -> taken());
    }

    private synchronized void taken() {
        unread--;
        notifyAll();
    }

    synchronized void send(Object message) {
        unread++;
        if (outbound.tryEmitNext(message) == Sinks.EmitResult.FAIL_OVERFLOW) {
            outbound.tryEmitError(new IllegalStateException("the client does not read its socket"));
        }
    }

    /** Sends, but not before the client has read most of what it was sent, or is gone. */
    synchronized void sendWhenRead(Object message) throws InterruptedException {
        while (unread >= UNREAD && !closed) {
            wait();
        }
        send(message);
    }

    /** Nobody reads it any more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    boolean wantsPreviewMetadata() {
        return previewMetadata;
    }

    void announcePreviewMetadata() {
        previewMetadata = true;
    }
}
