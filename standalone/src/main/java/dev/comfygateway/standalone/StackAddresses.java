package dev.comfygateway.standalone;

import dev.comfygateway.standalone.postgres.EmbeddedPostgresServer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where everything of one run can be reached. */
final class StackAddresses {

    static final String GATEWAY = "gateway-service";
    static final String JOBS = "job-service";
    static final String STORAGE = "storage-service";
    static final String WEBHOOKS = "webhook-service";
    static final String WORKER = "comfy-worker-service";
    static final String SIMULATOR = "comfyui-simulator";
    static final String KAFKA = "kafka";
    static final String KAFKA_CONTROLLER = "kafka-controller";
    static final String POSTGRES = "postgres";
    static final String S3 = "s3";

    private final StackSettings settings;
    private final Map<String, Integer> ports;

    StackAddresses(StackSettings settings, Map<String, Integer> ports) {
        this.settings = settings;
        this.ports = Map.copyOf(ports);
    }

    /** The ports that are wanted for the parts which this run starts itself. */
    static Map<String, Integer> preferredPorts(StackSettings settings) {
        Map<String, Integer> preferred = new LinkedHashMap<>();
        preferred.put(GATEWAY, settings.port().orElse(8080));
        preferred.put(JOBS, 8081);
        preferred.put(STORAGE, 8082);
        preferred.put(WEBHOOKS, 8083);
        preferred.put(WORKER, 8084);
        if (settings.comfyUi().isEmpty()) {
            preferred.put(SIMULATOR, 8188);
        }
        if (settings.kafka().isEmpty()) {
            preferred.put(KAFKA, 9092);
            preferred.put(KAFKA_CONTROLLER, 9093);
        }
        if (settings.database().isEmpty()) {
            preferred.put(POSTGRES, 5432);
        }
        if (settings.s3().isEmpty()) {
            preferred.put(S3, 9000);
        }
        return preferred;
    }

    int port(String name) {
        Integer port = ports.get(name);
        if (port == null) {
            throw new IllegalArgumentException(name + " is not started by this run");
        }
        return port;
    }

    /** Base URL of one of our HTTP services, as seen from this machine. */
    String url(String service) {
        String host = service.equals(GATEWAY) ? settings.hostForLinks() : "127.0.0.1";
        return "http://" + (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":"
                + port(service);
    }

    String kafka() {
        return settings.kafka().orElseGet(() -> "127.0.0.1:" + port(KAFKA));
    }

    String database() {
        // The embedded server asks for no password, but not every driver can do without one.
        return settings.database()
                .orElseGet(() -> "postgresql://" + EmbeddedPostgresServer.USER + ":" + EmbeddedPostgresServer.USER
                        + "@127.0.0.1:" + port(POSTGRES) + "/" + EmbeddedPostgresServer.DATABASE);
    }

    String comfyUi() {
        return settings.comfyUi().orElseGet(() -> url(SIMULATOR));
    }

    StackSettings.ExternalS3 s3(Secrets secrets) {
        return settings.s3().orElseGet(() -> {
            String endpoint = "http://127.0.0.1:" + port(S3);
            return new StackSettings.ExternalS3(
                    endpoint, endpoint, "comfyui-outputs", secrets.s3AccessKey(), secrets.s3SecretKey(), "us-east-1");
        });
    }
}
