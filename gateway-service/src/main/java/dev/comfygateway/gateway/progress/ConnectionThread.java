package dev.comfygateway.gateway.progress;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRequest;

/**
 * The one thread that writes to a client's connection.
 *
 * <p>An event stream must be fed on it. Reactor Netty writes every event as a concatenation of the event and a flush,
 * and asks for the next one on the connection's thread. When the concatenation is subscribed on another thread at that
 * moment, reactor-core (3.8.6) can pass the demand to the part that has just ended: {@code FluxConcatArray} reads the
 * requested amount, then the current part, and does not notice when both were replaced and the amount is the same again.
 * The stream then stays open and silent for ever.
 */
final class ConnectionThread {

    private ConnectionThread() {}

    /** The thread of the connection that the request came in on. */
    static EventLoop of(ServerHttpRequest request) {
        AtomicReference<EventLoop> found = new AtomicReference<>();
        HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(request);
        server.withConnection(connection -> found.set(connection.channel().eventLoop()));
        return found.get();
    }

    /**
     * The same items on that thread. They are asked for one at a time: with more demand outstanding, a concatenation
     * before this one could meet the same race.
     */
    static <T> Flux<T> emit(Flux<T> items, EventLoop thread) {
        return items.publishOn(Schedulers.fromExecutorService(thread), 1);
    }
}
