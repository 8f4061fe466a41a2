package dev.comfygateway.gateway;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.kafka.EventCatalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;

/** A fake of one of the services: answers what the test says, and keeps what it was asked. */
final class FakeService implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** What arrived; header names in lower case. */
    record Request(String method, String target, Map<String, String> headers, String body) {}

    record Answer(int status, String contentType, String body, Map<String, String> headers) {
        static Answer json(int status, String body) {
            return new Answer(status, "application/json", body, Map.of());
        }
    }

    final List<Request> requests = new CopyOnWriteArrayList<>();
    final Map<String, List<JobEvent>> histories = new ConcurrentHashMap<>();
    volatile Function<Request, Answer> behaviour = request -> Answer.json(200, "{}");
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    FakeService() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    void event(JobEvent event) {
        histories
                .computeIfAbsent(event.jobId(), id -> new CopyOnWriteArrayList<>())
                .add(event);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> headers = new LinkedHashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
            Request request = new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    headers,
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            Answer answer;
            if (request.target().startsWith("/actuator/")) {
                answer = Answer.json(200, "{}");
            } else {
                requests.add(request);
                answer = request.target().startsWith("/internal/jobs/")
                                && request.method().equals("GET")
                        ? history(request.target())
                        : behaviour.apply(request);
            }
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.getResponseHeaders().set("Content-Type", answer.contentType());
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer history(String target) {
        String jobId = target.substring("/internal/jobs/".length(), target.indexOf("/events"));
        long after = Long.parseLong(target.substring(target.indexOf("after=") + "after=".length()));
        List<JobEvent> events = histories.get(jobId);
        if (events == null) {
            return Answer.json(404, "{\"code\":\"JOB_NOT_FOUND\"}");
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        for (JobEvent event : events) {
            if (event.seq() > after) {
                entries.add(Map.of("type", EventCatalog.typeOf(event).toString(), "data", event));
            }
        }
        boolean terminal = events.getLast().status().isTerminal();
        return Answer.json(200, JSON.writeValueAsString(Map.of("events", entries, "terminal", terminal)));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
