package dev.comfygateway.systemtests;

import static dev.comfygateway.systemtests.FaultRig.COMFY_UIS;
import static dev.comfygateway.systemtests.FaultRig.GATEWAY;
import static dev.comfygateway.systemtests.FaultRig.JOBS;
import static dev.comfygateway.systemtests.FaultRig.KAFKA;
import static dev.comfygateway.systemtests.FaultRig.POSTGRES;
import static dev.comfygateway.systemtests.FaultRig.S3;
import static dev.comfygateway.systemtests.FaultRig.STORAGE;
import static dev.comfygateway.systemtests.FaultRig.WEBHOOKS;
import static dev.comfygateway.systemtests.FaultRig.WORKERS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a {@link FaultRig} consists of: how each part is started, and the links between them. Starts no process. */
final class FaultRigPlan {

    private static final String SECRET = "secret-of-the-fault-suite";

    private final Path data;
    private final Duration lease;
    private final Map<String, Integer> ports = new HashMap<>();
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final Map<String, TcpProxy> links = new TreeMap<>();

    FaultRigPlan(Path data, Duration lease) throws IOException {
        this.data = data;
        this.lease = lease;
        infrastructure();
        services();
        workers();
    }

    Map<String, Part> parts() {
        return parts;
    }

    /** By {@code from>to}. */
    Map<String, TcpProxy> links() {
        return links;
    }

    /** A part's own address, without a proxy. */
    String address(String part) throws IOException {
        return "127.0.0.1:" + port(part);
    }

    private void infrastructure() throws IOException {
        Path settings = data.resolve("broker.properties");
        Files.writeString(settings, listeners());
        standalone(
                KAFKA,
                "kafka.EmbeddedKafka",
                Map.of(
                        "KAFKA_PORT", text(port(KAFKA)),
                        "KAFKA_CONTROLLER_PORT", text(port("controller")),
                        "KAFKA_SETTINGS", settings.toString(),
                        "KAFKA_DATA", data.resolve(KAFKA).toString()));
        standalone(
                POSTGRES,
                "postgres.EmbeddedPostgresServer",
                Map.of(
                        "POSTGRES_PORT", text(port(POSTGRES)),
                        "POSTGRES_DATA", data.resolve(POSTGRES).toString()));
        standalone(
                S3,
                "s3.EmbeddedS3",
                Map.of(
                        "S3_PORT",
                        text(port(S3)),
                        "S3_DATA",
                        data.resolve(S3).toString(),
                        "S3_ACCESS_KEY",
                        "faults",
                        "S3_SECRET_KEY",
                        SECRET));
    }

    /** A listener for each client, which is told its own proxy as the broker's address. */
    private String listeners() throws IOException {
        Map<String, Integer> clients = new LinkedHashMap<>();
        for (String client : clients()) {
            clients.put(client, linkTo(client, KAFKA, port(client + ">" + KAFKA)));
        }
        StringBuilder listen =
                new StringBuilder("PLAINTEXT://" + address(KAFKA) + ",CONTROLLER://" + address("controller"));
        StringBuilder advertise = new StringBuilder("PLAINTEXT://" + address(KAFKA));
        for (Map.Entry<String, Integer> client : clients.entrySet()) {
            String name = "," + listener(client.getKey()) + "://";
            listen.append(name).append(address(client.getKey() + ">" + KAFKA));
            advertise.append(name).append("127.0.0.1:").append(client.getValue());
        }
        String protocols = Stream.concat(
                        Stream.of("PLAINTEXT", "CONTROLLER"),
                        clients.keySet().stream().map(FaultRigPlan::listener))
                .map(name -> name + ":PLAINTEXT")
                .collect(Collectors.joining(","));
        return "listeners=" + listen + "\nadvertised.listeners=" + advertise + "\nlistener.security.protocol.map="
                + protocols + "\n";
    }

    private static List<String> clients() {
        return Stream.concat(Stream.of(GATEWAY, JOBS, STORAGE, WEBHOOKS), WORKERS.stream())
                .toList();
    }

    private static String listener(String client) {
        return client.replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private void services() throws IOException {
        service(
                JOBS,
                JOBS,
                Map.of(
                        "DATABASE_URL",
                        database(JOBS),
                        "STORAGE_SERVICE_URL",
                        link(JOBS, STORAGE),
                        "COMFY_JOB_LEASE_DURATION",
                        lease.toSeconds() + "s",
                        "COMFY_JOB_LEASE_SETTLING",
                        lease.toSeconds() + "s"));
        service(
                STORAGE,
                STORAGE,
                Map.of(
                        "DATABASE_URL",
                        database(STORAGE),
                        // One address for all: it is part of what is signed.
                        "S3_ENDPOINT",
                        link("all", S3),
                        "S3_BUCKET",
                        "comfyui-outputs",
                        "S3_ACCESS_KEY",
                        "faults",
                        "S3_SECRET_KEY",
                        SECRET));
        service(
                WEBHOOKS,
                WEBHOOKS,
                Map.of(
                        "DATABASE_URL",
                        database(WEBHOOKS),
                        "STORAGE_SERVICE_URL",
                        link(WEBHOOKS, STORAGE),
                        "WEBHOOK_ALLOW_PRIVATE",
                        "true",
                        "WEBHOOK_SECRET",
                        SECRET));
        service(
                GATEWAY,
                GATEWAY,
                Map.of(
                        "AUTH_ENABLED", "false",
                        "JOB_SERVICE_URL", link(GATEWAY, JOBS),
                        "STORAGE_SERVICE_URL", link(GATEWAY, STORAGE),
                        "WEBHOOK_SERVICE_URL", link(GATEWAY, WEBHOOKS)));
    }

    private void workers() throws IOException {
        for (int i = 0; i < WORKERS.size(); i++) {
            String comfyUi = COMFY_UIS.get(i);
            String worker = WORKERS.get(i);
            add(
                    comfyUi,
                    Packaged.command("comfyui-simulator"),
                    Map.of("PORT", text(port(comfyUi))),
                    "http://" + address(comfyUi) + "/prompt");
            service(
                    "comfy-worker-service",
                    worker,
                    Map.of(
                            "COMFYUI_URL", link(worker, comfyUi),
                            "WORKER_ID", worker,
                            "WORKER_SPOOL_DIR", data.resolve("spool-" + worker).toString(),
                            // The same part of the lease as by default.
                            "COMFY_WORKER_LEASE_RENEWEVERY", lease.toMillis() / 6 + "ms",
                            "JOB_SERVICE_URL", link(worker, JOBS),
                            "STORAGE_SERVICE_URL", link(worker, STORAGE)));
        }
    }

    private void standalone(String name, String main, Map<String, String> environment) {
        add(name, Standalone.command(main), environment, null);
    }

    private void service(String module, String name, Map<String, String> more) throws IOException {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("PORT", text(port(name)));
        environment.put(
                "KAFKA_BOOTSTRAP_SERVERS",
                "127.0.0.1:"
                        + Objects.requireNonNull(links.get(name + ">" + KAFKA)).port());
        environment.put("INTERNAL_TOKEN_SECRET", SECRET);
        add(name, Packaged.command(module), environment, "http://" + address(name) + "/actuator/health/readiness");
    }

    private void add(String name, List<String> command, Map<String, String> more, @Nullable String ready) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("HOST", "127.0.0.1");
        // They start often and live short.
        environment.put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        Path log = data.resolve(name + ".log");
        parts.put(name, new Part(name, command, environment, log, ready == null ? null : URI.create(ready)));
    }

    private String database(String client) throws IOException {
        return "postgresql://postgres:postgres@127.0.0.1:" + linkTo(client, POSTGRES, port(POSTGRES)) + "/comfygateway";
    }

    private String link(String from, String to) throws IOException {
        return "http://127.0.0.1:" + linkTo(from, to, port(to));
    }

    private int linkTo(String from, String to, int port) throws IOException {
        TcpProxy proxy = TcpProxy.to(port);
        links.put(from + ">" + to, proxy);
        return proxy.port();
    }

    /**
     * The port of that name. It lies below those which the system gives to outgoing connections: one of them could take
     * it while its part is dead.
     */
    private int port(String name) throws IOException {
        Integer known = ports.get(name);
        if (known != null) {
            return known;
        }
        for (int tries = 0; tries < 1000; tries++) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                if (!ports.containsValue(socket.getLocalPort())) {
                    ports.put(name, port);
                    return port;
                }
            } catch (IOException taken) {
                // Another one, then.
            }
        }
        throw new IOException("No free port for " + name);
    }

    private static String text(int port) {
        return String.valueOf(port);
    }
}
