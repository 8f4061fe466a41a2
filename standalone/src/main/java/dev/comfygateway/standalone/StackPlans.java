package dev.comfygateway.standalone;

import dev.comfygateway.standalone.kafka.EmbeddedKafka;
import dev.comfygateway.standalone.postgres.EmbeddedPostgresServer;
import dev.comfygateway.standalone.process.ChildPlan;
import dev.comfygateway.standalone.process.Readiness;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the stack consists of and how each of it is started: first the parts, then the services that work on them, then
 * those that need the services.
 */
final class StackPlans {

    /** What the services stand on. */
    static final Set<String> PARTS = Set.of(StackAddresses.KAFKA, StackAddresses.POSTGRES, StackAddresses.S3);

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String S3_MAIN = "dev.comfygateway.standalone.s3.EmbeddedS3";

    private final StackSettings settings;
    private final StackAddresses addresses;
    private final Secrets secrets;
    private final ServiceEnvironment environment;
    private final PackagedJars jars;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    StackPlans(
            StackSettings settings,
            StackAddresses addresses,
            Secrets secrets,
            ServiceEnvironment environment,
            PackagedJars jars) {
        this.settings = settings;
        this.addresses = addresses;
        this.secrets = secrets;
        this.environment = environment;
        this.jars = jars;
    }

    /** Those of the parts for which the settings name no server. */
    List<ChildPlan> parts() {
        List<ChildPlan> plans = new ArrayList<>();
        if (settings.kafka().isEmpty()) {
            plans.add(part(
                    StackAddresses.KAFKA,
                    EmbeddedKafka.class.getName(),
                    "512m",
                    Map.of(
                            "KAFKA_PORT", String.valueOf(addresses.port(StackAddresses.KAFKA)),
                            "KAFKA_CONTROLLER_PORT", String.valueOf(addresses.port(StackAddresses.KAFKA_CONTROLLER)),
                            "KAFKA_DATA", folder(StackAddresses.KAFKA))));
        }
        if (settings.database().isEmpty()) {
            plans.add(part(
                    StackAddresses.POSTGRES,
                    EmbeddedPostgresServer.class.getName(),
                    "128m",
                    Map.of(
                            "POSTGRES_PORT", String.valueOf(addresses.port(StackAddresses.POSTGRES)),
                            "POSTGRES_DATA", folder(StackAddresses.POSTGRES))));
        }
        if (settings.s3().isEmpty()) {
            StackSettings.ExternalS3 s3 = addresses.s3(secrets);
            plans.add(part(
                    StackAddresses.S3,
                    S3_MAIN,
                    "256m",
                    Map.of(
                            "S3_PORT", String.valueOf(addresses.port(StackAddresses.S3)),
                            "S3_DATA", folder(StackAddresses.S3),
                            "S3_ACCESS_KEY", s3.accessKey(),
                            "S3_SECRET_KEY", s3.secretKey(),
                            "S3_BUCKET", s3.bucket())));
        }
        return plans;
    }

    /** The services with a store of their own, and the simulator when the settings name no ComfyUI. */
    List<ChildPlan> backing() {
        List<ChildPlan> plans = new ArrayList<>();
        if (settings.comfyUi().isEmpty()) {
            plans.add(simulator());
        }
        for (String name : List.of(StackAddresses.JOBS, StackAddresses.STORAGE, StackAddresses.WEBHOOKS)) {
            plans.add(service(name, "320m"));
        }
        return plans;
    }

    /** Those which ask the others: the worker, and the gateway that lets clients in. */
    List<ChildPlan> front() {
        return List.of(service(StackAddresses.WORKER, "320m"), service(StackAddresses.GATEWAY, "384m"));
    }

    private ChildPlan part(String name, String main, String heap, Map<String, String> environment) {
        List<String> command = java(heap);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        return new ChildPlan(
                name,
                command,
                environment,
                ServiceEnvironment.WITHHELD,
                settings.data(),
                log(name),
                Readiness.byLine(),
                PATIENCE,
                "127.0.0.1:" + addresses.port(name));
    }

    private ChildPlan service(String name, String heap) {
        URI health = URI.create(addresses.url(name) + "/actuator/health/readiness");
        return packaged(name, heap, health, List.of());
    }

    private ChildPlan simulator() {
        String name = StackAddresses.SIMULATOR;
        URI health = URI.create(addresses.url(name) + "/prompt");
        List<String> address = List.of("--server.port=" + addresses.port(name), "--server.address=127.0.0.1");
        return packaged(name, "512m", health, address);
    }

    private ChildPlan packaged(String name, String heap, URI health, List<String> arguments) {
        List<String> command = java(heap);
        command.addAll(List.of(
                "-Dspring.jmx.enabled=false", "-jar", jars.of(name).toString(), "--comfy.exit-on-stdin-close=true"));
        command.addAll(arguments);
        return new ChildPlan(
                name,
                command,
                environment.of(name),
                ServiceEnvironment.WITHHELD,
                settings.data(),
                log(name),
                Readiness.byHttp(http, health),
                PATIENCE,
                addresses.url(name));
    }

    private String folder(String part) {
        return settings.data().resolve(part).toString();
    }

    private Path log(String name) {
        return settings.data().resolve("logs").resolve(name + ".log");
    }

    private List<String> java(String heap) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                // What a request needs is garbage after it; by the default a claim in 190 waits for a collection.
                "-XX:NewRatio=1",
                "-Xshare:auto",
                "-Dfile.encoding=UTF-8",
                // Netty's and the database driver's native access is known; a warning helps nobody.
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(settings.javaOptions());
        return command;
    }
}
