package dev.comfygateway.gateway;

import dev.comfygateway.kafka.RecordFeed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** A running gateway, started as in production. */
final class Gateway implements AutoCloseable {

    static final String SECRET = "a-secret-of-the-tests-only";
    static final String USER_KEY = "user-key-1";
    static final String ADMIN_KEY = "admin-key-1";

    private static @Nullable EmbeddedKafkaKraftBroker broker;

    final ConfigurableApplicationContext context;
    final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Gateway(FakeService job, FakeService storage, String... settings) {
        this(job.url(), storage.url(), settings);
    }

    Gateway(String jobUrl, String storageUrl, String... settings) {
        Map<String, String> arguments = new LinkedHashMap<>();
        arguments.put("server.port", "0");
        arguments.put("server.address", "localhost");
        arguments.put("server.shutdown", "immediate");
        arguments.put("spring.kafka.bootstrap-servers", broker().getBrokersAsString());
        arguments.put("comfy.edge.internal-secret", SECRET);
        arguments.put("comfy.gateway.auth.api-keys", USER_KEY + ":user:acme," + ADMIN_KEY + ":admin");
        arguments.put("comfy.gateway.services.job-url", jobUrl);
        arguments.put("comfy.gateway.services.storage-url", storageUrl);
        arguments.put("comfy.gateway.services.webhook-url", "http://localhost:1");
        arguments.put("comfy.gateway.health.cache-for", "10ms");
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            arguments.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        context = new SpringApplicationBuilder(GatewayApplication.class, OwnEventLoops.class)
                .run(arguments.entrySet().stream()
                        .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
                        .toArray(String[]::new));
        Awaitility.await()
                .until(() -> context.getBeansOfType(RecordFeed.class).values().stream()
                        .allMatch(RecordFeed::isAttached));
    }

    /** Two gateways share this JVM; with Reactor's global loops, closing one would stop the other. */
    @Configuration(proxyBeanMethods = false)
    static class OwnEventLoops {
        @Bean
        ReactorResourceFactory reactorResourceFactory() {
            ReactorResourceFactory factory = new ReactorResourceFactory();
            factory.setUseGlobalResources(false);
            return factory;
        }
    }

    /** One broker for all tests of the run: starting it costs more than they do. */
    static synchronized EmbeddedKafkaKraftBroker broker() {
        EmbeddedKafkaKraftBroker started = broker;
        if (started == null) {
            started = new EmbeddedKafkaKraftBroker(
                    1, 12, "jobs.progress", "jobs.completed", "jobs.previews", "workers.heartbeat");
            started.afterPropertiesSet();
            Runtime.getRuntime().addShutdownHook(new Thread(started::destroy));
            broker = started;
        }
        return started;
    }

    URI uri(String path) {
        int port = Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer())
                .getPort();
        return URI.create("http://localhost:" + port + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(20));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<String> get(String path) {
        return send(request(path).header("X-API-Key", USER_KEY));
    }

    /** Opens an event stream and reads it in the background. */
    Events events(String jobId, Map<String, String> headers) {
        return events(jobId, headers, "");
    }

    Events events(String jobId, Map<String, String> headers, String query) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/v1/jobs/" + jobId + "/events" + query))
                .header("X-API-Key", USER_KEY);
        headers.forEach(request::header);
        try {
            return new Events(http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofLines())
                    .get(20, TimeUnit.SECONDS));
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        context.close();
    }

    /** What came over one stream so far. */
    static final class Events {

        /** One event; comments have the name {@code :}. */
        record Event(@Nullable String id, String name, String data) {}

        final HttpResponse<Stream<String>> response;
        final List<Event> all = new CopyOnWriteArrayList<>();
        volatile boolean completed;

        Events(HttpResponse<Stream<String>> response) {
            this.response = response;
            Thread.ofVirtual().start(this::read);
        }

        private void read() {
            @Nullable String[] id = new @Nullable String[1];
            String[] name = {"message"};
            StringBuilder data = new StringBuilder();
            try {
                response.body().forEach(line -> {
                    if (line.isEmpty()) {
                        if (!data.isEmpty()) {
                            all.add(new Event(id[0], name[0], data.toString()));
                        }
                        id[0] = null;
                        name[0] = "message";
                        data.setLength(0);
                    } else if (line.startsWith(":")) {
                        all.add(new Event(null, ":", line.substring(1)));
                    } else if (line.startsWith("id:")) {
                        id[0] = line.substring(3);
                    } else if (line.startsWith("event:")) {
                        name[0] = line.substring(6);
                    } else if (line.startsWith("data:")) {
                        data.append(line.substring(5));
                    } else if (line.startsWith("retry:")) {
                        all.add(new Event(null, "retry", line.substring(6)));
                    }
                });
                completed = true;
            } catch (UncheckedIOException e) {
                // The test closed the client.
            }
        }

        List<Event> named(String name) {
            return all.stream().filter(event -> event.name().equals(name)).toList();
        }

        List<String> ids() {
            return all.stream().map(Event::id).filter(Objects::nonNull).toList();
        }
    }
}
