package dev.comfygateway.worker.testing;

import java.net.URI;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.netty.resources.LoopResources;

/** The HTTP server of a fake, on a free port. */
final class FakeServer implements AutoCloseable {

    /** Its own threads: an application context that closes takes the shared ones with it. */
    private final LoopResources threads = LoopResources.create("fake");

    private final DisposableServer server;

    FakeServer(Consumer<HttpServerRoutes> routes) {
        server = HttpServer.create()
                .runOn(threads)
                .host("127.0.0.1")
                .port(0)
                .route(routes)
                .bindNow();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    @Override
    public void close() {
        server.disposeNow();
        threads.dispose();
    }

    /** The whole body; empty when there is none. */
    static Mono<String> body(HttpServerRequest request) {
        return request.receive().aggregate().asString().defaultIfEmpty("");
    }

    /** Answers with 200. */
    static Mono<Void> json(HttpServerResponse out, String body) {
        return json(out, 200, body);
    }

    static Mono<Void> json(HttpServerResponse out, int status, String body) {
        return out.status(status)
                .header("Content-Type", "application/json")
                .sendString(Mono.just(body))
                .then();
    }
}
