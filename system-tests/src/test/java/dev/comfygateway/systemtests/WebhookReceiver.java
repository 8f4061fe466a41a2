package dev.comfygateway.systemtests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** A client's server: takes webhooks and remembers them. */
final class WebhookReceiver implements AutoCloseable {

    private final HttpServer server;
    private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

    /** One request as it arrived. */
    record Delivery(String webhookId, String signature, String body) {}

    WebhookReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/hook", this::receive);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
    }

    List<Delivery> of(String jobId) {
        return deliveries.stream().filter(d -> d.body().contains(jobId)).toList();
    }

    /** Ids of webhooks by job. */
    Map<String, Set<String>> idsByJob() {
        return deliveries.stream()
                .collect(Collectors.groupingBy(
                        delivery -> Json.read(delivery.body()).get("jobId").asString(),
                        Collectors.mapping(Delivery::webhookId, Collectors.toSet())));
    }

    private void receive(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        deliveries.add(new Delivery(
                String.valueOf(exchange.getRequestHeaders().getFirst("X-Webhook-Id")),
                String.valueOf(exchange.getRequestHeaders().getFirst("X-Signature")),
                new String(body, java.nio.charset.StandardCharsets.UTF_8)));
        exchange.sendResponseHeaders(204, -1);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
