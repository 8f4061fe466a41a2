package dev.comfygateway.worker.testing;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import java.net.URI;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/** The HTTP server of a fake, on a free port. */
final class FakeServer implements AutoCloseable {

    /** Its own threads: an application context that closes takes the shared ones with it. */
    private final LoopResources threads = LoopResources.create("fake");

    private final DisposableServer server;

    private final boolean secure;

    FakeServer(Consumer<HttpServerRoutes> routes) {
        this(routes, 0, null, request -> {});
    }

    /**
     * @param port 0 for any that is free
     * @param tls what it shows its clients, or null to speak without TLS
     * @param onRequest sees every request, that of a socket too
     */
    FakeServer(
            Consumer<HttpServerRoutes> routes,
            int port,
            @Nullable KeyManagerFactory tls,
            Consumer<HttpRequest> onRequest) {
        HttpServer plain = HttpServer.create()
                .runOn(threads)
                .host("127.0.0.1")
                .port(port)
                .doOnConnection(connection -> connection.addHandlerLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        if (message instanceof HttpRequest request) {
                            onRequest.accept(request);
                        }
                        context.fireChannelRead(message);
                    }
                }))
                .route(routes);
        secure = tls != null;
        server = (tls == null
                        ? plain
                        : plain.secure(spec ->
                                spec.sslContext((GenericSslContextSpec<?>) Http11SslContextSpec.forServer(tls))))
                .bindNow();
    }

    URI url() {
        return URI.create((secure ? "https" : "http") + "://127.0.0.1:" + server.port());
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
