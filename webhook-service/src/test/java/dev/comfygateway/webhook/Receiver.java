package dev.comfygateway.webhook;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A real HTTP server on loopback that keeps what it receives and answers each path as scripted. */
public final class Receiver implements AutoCloseable {

    /** A received request. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Received(String path, Headers headers, byte[] body) {

        public @Nullable String header(String name) {
            return headers.getFirst(name);
        }
    }

    /** Answers the n-th request (from 1) to a path. */
    @FunctionalInterface
    public interface Script {
        void answer(HttpExchange exchange, int n) throws IOException, InterruptedException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    public Receiver() {
        this(null);
    }

    public Receiver(@Nullable SSLContext tls) {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            if (tls == null) {
                server = HttpServer.create(address, 0);
            } else {
                HttpsServer https = HttpsServer.create(address, 0);
                https.setHttpsConfigurator(new HttpsConfigurator(tls));
                server = https;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    public void script(String path, Script script) {
        scripts.put(path, script);
    }

    /** A script that answers with these statuses in turn, then with the last one. */
    public static Script statuses(int... statuses) {
        return (exchange, n) -> exchange.sendResponseHeaders(statuses[Math.min(n, statuses.length) - 1], -1);
    }

    /** A script that never answers while the receiver is open. */
    public Script silent() {
        return (exchange, n) -> closed.await();
    }

    /** A script that says 200 at once and then never ends its body. */
    public Script endless() {
        return (exchange, n) -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.write('x');
            out.flush();
            closed.await();
        };
    }

    public List<Received> received(String path) {
        return received.stream().filter(request -> request.path().equals(path)).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            int n;
            synchronized (received) {
                received.add(new Received(path, exchange.getRequestHeaders(), body));
                n = received(path).size();
            }
            scripts.getOrDefault(path, statuses(200)).answer(exchange, n);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
