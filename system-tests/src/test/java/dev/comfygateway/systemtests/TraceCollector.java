package dev.comfygateway.systemtests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** An OTLP/HTTP receiver that keeps every span by trace. */
final class TraceCollector implements AutoCloseable {

    private final HttpServer server;
    private final Map<String, List<Hop>> traces = new ConcurrentHashMap<>();

    /** One span. Times are nanoseconds since the epoch. */
    record Hop(String service, String name, long start, long end) {
        double millis() {
            return (end - start) / 1e6;
        }
    }

    TraceCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::receive);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    Map<String, List<Hop>> traces() {
        return Map.copyOf(traces);
    }

    private void receive(HttpExchange exchange) throws IOException {
        InputStream body = exchange.getRequestBody();
        boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
        if (exchange.getRequestURI().getPath().endsWith("/v1/traces")) {
            ExportTraceServiceRequest request =
                    ExportTraceServiceRequest.parseFrom(gzip ? new GZIPInputStream(body) : body);
            request.getResourceSpansList().forEach(this::keep);
        }
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    private void keep(ResourceSpans resource) {
        String service = resource.getResource().getAttributesList().stream()
                .filter(attribute -> attribute.getKey().equals("service.name"))
                .map(KeyValue::getValue)
                .map(value -> value.getStringValue())
                .findFirst()
                .orElse("?");
        resource.getScopeSpansList()
                .forEach(scope -> scope.getSpansList()
                        .forEach(span -> traces.computeIfAbsent(
                                        HexFormat.of()
                                                .formatHex(span.getTraceId().toByteArray()),
                                        id -> new CopyOnWriteArrayList<>())
                                .add(new Hop(
                                        service,
                                        span.getName(),
                                        span.getStartTimeUnixNano(),
                                        span.getEndTimeUnixNano()))));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
