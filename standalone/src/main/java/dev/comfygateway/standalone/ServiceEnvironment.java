package dev.comfygateway.standalone;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Which variables each service gets. A service gets no credentials that it has no use for. */
final class ServiceEnvironment {

    /** Never inherited from our own environment, only given on purpose. */
    static final Set<String> WITHHELD = Set.of(
            "PORT",
            "HOST",
            "API_KEYS",
            "AUTH_ENABLED",
            "COMFYUI_URL",
            "DATABASE_URL",
            "INTERNAL_TOKEN_SECRET",
            "KAFKA_BOOTSTRAP_SERVERS",
            "S3_ACCESS_KEY",
            "S3_BUCKET",
            "S3_ENDPOINT",
            "S3_PUBLIC_ENDPOINT",
            "S3_REGION",
            "S3_SECRET_KEY",
            "WEBHOOK_SECRET",
            "PGDATA",
            "PGDATABASE",
            "PGHOST",
            "PGPASSWORD",
            "PGPORT",
            "PGUSER");

    private final StackSettings settings;
    private final StackAddresses addresses;
    private final Secrets secrets;
    private final Map<String, String> outer;

    /** @param outer our own environment, for what is passed on as it is */
    ServiceEnvironment(StackSettings settings, StackAddresses addresses, Secrets secrets, Map<String, String> outer) {
        this.settings = settings;
        this.addresses = addresses;
        this.secrets = secrets;
        this.outer = Map.copyOf(outer);
    }

    Map<String, String> of(String service) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PORT", String.valueOf(addresses.port(service)));
        environment.put("HOST", service.equals(StackAddresses.GATEWAY) ? settings.host() : "127.0.0.1");
        if (service.equals(StackAddresses.SIMULATOR)) {
            return environment;
        }
        environment.put("KAFKA_BOOTSTRAP_SERVERS", addresses.kafka());
        environment.put("INTERNAL_TOKEN_SECRET", outerOr("INTERNAL_TOKEN_SECRET", secrets.internalToken()));
        environment.put("JOB_SERVICE_URL", addresses.url(StackAddresses.JOBS));
        environment.put("STORAGE_SERVICE_URL", addresses.url(StackAddresses.STORAGE));
        environment.put("WEBHOOK_SERVICE_URL", addresses.url(StackAddresses.WEBHOOKS));
        switch (service) {
            case StackAddresses.JOBS -> environment.put("DATABASE_URL", addresses.database());
            case StackAddresses.STORAGE -> {
                environment.put("DATABASE_URL", addresses.database());
                StackSettings.ExternalS3 s3 = addresses.s3(secrets);
                environment.put("S3_ENDPOINT", s3.endpoint());
                environment.put("S3_PUBLIC_ENDPOINT", s3.publicEndpoint());
                environment.put("S3_BUCKET", s3.bucket());
                environment.put("S3_ACCESS_KEY", s3.accessKey());
                environment.put("S3_SECRET_KEY", s3.secretKey());
                environment.put("S3_REGION", s3.region());
            }
            case StackAddresses.WEBHOOKS -> {
                environment.put("DATABASE_URL", addresses.database());
                // On one machine the receiver that people try first is a local one.
                environment.put("WEBHOOK_ALLOW_PRIVATE", outerOr("WEBHOOK_ALLOW_PRIVATE", "true"));
                environment.put("WEBHOOK_SECRET", outerOr("WEBHOOK_SECRET", secrets.webhookSecret()));
            }
            case StackAddresses.WORKER -> {
                environment.put("COMFYUI_URL", addresses.comfyUi());
                environment.put("WORKER_ID", outerOr("WORKER_ID", "worker-1"));
            }
            case StackAddresses.GATEWAY -> {
                environment.put("AUTH_ENABLED", String.valueOf(settings.authEnabled()));
                String keys = outerOr("API_KEYS", "");
                if (!keys.isEmpty()) {
                    environment.put("API_KEYS", keys);
                }
            }
            default -> throw new IllegalArgumentException(service);
        }
        return environment;
    }

    private String outerOr(String name, String otherwise) {
        String value = outer.getOrDefault(name, "");
        return value.isBlank() ? otherwise : value;
    }
}
