package dev.comfygateway.standalone;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.standalone.kafka.EmbeddedKafka;
import dev.comfygateway.standalone.kafka.TopicSetup;
import dev.comfygateway.standalone.kafka.TopicSetupException;
import dev.comfygateway.standalone.postgres.EmbeddedPostgresServer;
import dev.comfygateway.standalone.process.Child;
import dev.comfygateway.standalone.process.ChildPlan;
import dev.comfygateway.standalone.process.FolderLock;
import dev.comfygateway.standalone.process.Readiness;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Everything on one machine: starts it in order, watches it, and stops it as a whole. */
final class Stack implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(12);
    private static final Duration LONGEST_RESTART_DELAY = Duration.ofSeconds(30);
    private static final Duration PROVEN = Duration.ofMinutes(1);
    private static final String S3_MAIN = "dev.comfygateway.standalone.s3.EmbeddedS3";
    private static final Set<String> PARTS = Set.of(StackAddresses.KAFKA, StackAddresses.POSTGRES, StackAddresses.S3);

    private final StackSettings settings;
    private final Map<String, String> outer;
    private final ProgressLines progress;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final ReentrantLock guard = new ReentrantLock();
    private final ReentrantLock stopGuard = new ReentrantLock();
    private final Map<String, Child> children = new LinkedHashMap<>();
    private volatile boolean stopping;
    private @Nullable FolderLock lock;
    private @Nullable StackState state;

    Stack(StackSettings settings, Map<String, String> outer, ProgressLines progress) {
        this.settings = settings;
        this.outer = Map.copyOf(outer);
        this.progress = progress;
    }

    /**
     * Starts everything; blocks until all of it serves.
     *
     * @throws StartFailure when something cannot be started; {@link #close} then stops the rest
     */
    void start() throws StartFailure, IOException, InterruptedException {
        Map<String, Path> jars = findJars();
        Files.createDirectories(settings.data());
        Path lockFile = settings.data().resolve("stack.lock");
        lock = FolderLock.tryTake(lockFile).orElse(null);
        if (lock == null) {
            throw new StartFailure("The data folder " + settings.data() + " is in use by another stack (process "
                    + FolderLock.holder(lockFile) + "); stop that one, or choose another folder with --data");
        }
        if (settings.port().isPresent() && !Ports.isFree(settings.port().get())) {
            throw new InvalidSettingException("PORT", settings.port().get() + " is taken by another program");
        }
        Secrets secrets = Secrets.of(settings.data());
        Map<String, Integer> preferred = StackAddresses.preferredPorts(settings);
        Map<String, Integer> ports = Ports.choose(preferred);
        StackAddresses addresses = new StackAddresses(settings, ports);
        ServiceEnvironment environment = new ServiceEnvironment(settings, addresses, secrets, outer);
        StackState stackState = new StackState(settings, addresses, secrets);
        stackState.remove();
        state = stackState;
        progress.say("data folder " + settings.data());
        ports.forEach((name, port) -> {
            Integer wanted = preferred.get(name);
            if (wanted != null && !wanted.equals(port)) {
                progress.say("port " + wanted + " is taken; " + name + " uses " + port);
            }
        });

        startAll(parts(addresses, secrets));
        setUpTopics(addresses);
        List<ChildPlan> backing = new ArrayList<>();
        if (settings.comfyUi().isEmpty()) {
            backing.add(simulator(jars, addresses, environment));
        }
        for (String name : List.of(StackAddresses.JOBS, StackAddresses.STORAGE, StackAddresses.WEBHOOKS)) {
            backing.add(service(name, "320m", jars, addresses, environment));
        }
        startAll(backing);
        startAll(List.of(
                service(StackAddresses.WORKER, "320m", jars, addresses, environment),
                service(StackAddresses.GATEWAY, "384m", jars, addresses, environment)));
        writeState();
        progress.say("everything is ready: " + addresses.url(StackAddresses.GATEWAY));
        progress.note("API documents   " + addresses.url(StackAddresses.GATEWAY) + "/docs");
        progress.note("ComfyUI         " + addresses.comfyUi()
                + (settings.comfyUi().isEmpty() ? " (the built-in simulator)" : ""));
        progress.note("secrets         " + secrets.file() + " (webhook-secret signs webhook deliveries)");
        progress.note("logs            " + settings.data().resolve("logs"));
        if (!settings.authEnabled()) {
            progress.note("authentication  off: everybody who reaches " + settings.host()
                    + " is admin; set API_KEYS to switch it on");
        }
    }

    private List<ChildPlan> parts(StackAddresses addresses, Secrets secrets) {
        List<ChildPlan> plans = new ArrayList<>();
        if (settings.kafka().isEmpty()) {
            plans.add(part(
                    StackAddresses.KAFKA,
                    EmbeddedKafka.class.getName(),
                    "512m",
                    addresses,
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
                    addresses,
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
                    addresses,
                    Map.of(
                            "S3_PORT", String.valueOf(addresses.port(StackAddresses.S3)),
                            "S3_DATA", folder(StackAddresses.S3),
                            "S3_ACCESS_KEY", s3.accessKey(),
                            "S3_SECRET_KEY", s3.secretKey(),
                            "S3_BUCKET", s3.bucket())));
        }
        return plans;
    }

    private String folder(String part) {
        return settings.data().resolve(part).toString();
    }

    private ChildPlan part(
            String name, String main, String heap, StackAddresses addresses, Map<String, String> environment) {
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

    private ChildPlan service(
            String name,
            String heap,
            Map<String, Path> jars,
            StackAddresses addresses,
            ServiceEnvironment environment) {
        URI health = URI.create(addresses.url(name) + "/actuator/health/readiness");
        return packaged(name, heap, jars, addresses, environment, health, List.of());
    }

    private ChildPlan simulator(Map<String, Path> jars, StackAddresses addresses, ServiceEnvironment environment) {
        String name = StackAddresses.SIMULATOR;
        URI health = URI.create(addresses.url(name) + "/prompt");
        List<String> address = List.of("--server.port=" + addresses.port(name), "--server.address=127.0.0.1");
        return packaged(name, "512m", jars, addresses, environment, health, address);
    }

    private ChildPlan packaged(
            String name,
            String heap,
            Map<String, Path> jars,
            StackAddresses addresses,
            ServiceEnvironment environment,
            URI health,
            List<String> arguments) {
        List<String> command = java(heap);
        command.addAll(List.of(
                "-Dspring.jmx.enabled=false",
                "-jar",
                String.valueOf(jars.get(name)),
                "--comfy.exit-on-stdin-close=true"));
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

    private Path log(String name) {
        return settings.data().resolve("logs").resolve(name + ".log");
    }

    private static List<String> java(String heap) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Dfile.encoding=UTF-8",
                // Netty's and the database driver's native access is known; a warning helps nobody.
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    }

    private Map<String, Path> findJars() throws StartFailure, IOException {
        List<String> names = new ArrayList<>(List.of(
                StackAddresses.JOBS,
                StackAddresses.STORAGE,
                StackAddresses.WEBHOOKS,
                StackAddresses.WORKER,
                StackAddresses.GATEWAY));
        if (settings.comfyUi().isEmpty()) {
            names.add(StackAddresses.SIMULATOR);
        }
        Map<String, Path> jars = new LinkedHashMap<>();
        for (String name : names) {
            Path folder = settings.home().resolve(name).resolve("target");
            Path jar = null;
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, name + "-*-exec.jar")) {
                    for (Path path : found) {
                        jar = path;
                    }
                }
            }
            if (jar == null) {
                throw new StartFailure(
                        "The packaged " + name + " is missing in " + folder + "; build it: ./mvnw -DskipTests package");
            }
            jars.put(name, jar);
        }
        return jars;
    }

    private void setUpTopics(StackAddresses addresses) throws StartFailure, InterruptedException {
        try {
            TopicSetup.run(addresses.kafka(), Optional.empty(), Set.of(Topics.DEFAULT_POOL), Duration.ofSeconds(30));
            progress.say("topics are ready");
        } catch (TopicSetupException e) {
            throw new StartFailure((settings.kafka().isPresent() ? "KAFKA_BOOTSTRAP_SERVERS: " : "") + e.getMessage());
        }
    }

    private void startAll(List<ChildPlan> plans) throws StartFailure, InterruptedException {
        BlockingQueue<Optional<StartFailure>> results = new LinkedBlockingQueue<>();
        for (ChildPlan plan : plans) {
            Thread.ofVirtual().name("start-" + plan.name()).start(() -> {
                try {
                    Child child = startOne(plan);
                    watch(child, settings.restartDelay());
                    results.add(Optional.empty());
                } catch (StartFailure e) {
                    results.add(Optional.of(e));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    results.add(Optional.of(new StartFailure(plan.name() + " cannot be started: " + e)));
                }
            });
        }
        for (int i = 0; i < plans.size(); i++) {
            Optional<StartFailure> failure = results.take();
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }

    private Child startOne(ChildPlan plan) throws StartFailure, IOException, InterruptedException {
        long begin = System.nanoTime();
        Child child = spawn(plan);
        while (!plan.readiness().isReady(child)) {
            if (!child.process().isAlive()) {
                throw new StartFailure(plan.name() + " did not start (exit "
                        + child.process().exitValue() + "): " + child.reason() + " [log: " + plan.log() + "]");
            }
            if (System.nanoTime() - begin > plan.patience().toNanos()) {
                throw new StartFailure(plan.name() + " was not ready after "
                        + plan.patience().toSeconds() + " s: " + child.reason() + " [log: " + plan.log() + "]");
            }
            Thread.sleep(100);
        }
        progress.say(String.format(
                "%-20s ready at %s after %.1f s", plan.name(), plan.address(), (System.nanoTime() - begin) / 1e9));
        return child;
    }

    private Child spawn(ChildPlan plan) throws StartFailure, IOException {
        guard.lock();
        try {
            // Under the same lock as the stop's snapshot: no child can slip in between.
            if (stopping) {
                throw new StartFailure("The stack is stopping");
            }
            Child child = Child.spawn(plan);
            children.put(plan.name(), child);
            return child;
        } finally {
            guard.unlock();
        }
    }

    private void watch(Child child, Duration delay) {
        long since = System.nanoTime();
        Thread.ofVirtual().name("watch-" + child.plan().name()).start(() -> {
            try {
                child.process().waitFor();
                revive(child, System.nanoTime() - since, delay);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void revive(Child dead, long livedNanos, Duration lastDelay) {
        Duration delay = livedNanos > PROVEN.toNanos() ? settings.restartDelay() : lastDelay;
        String name = dead.plan().name();
        try {
            // A Ctrl-C reaches the whole group, and a child may be gone before we hear of it ourselves.
            Thread.sleep(500);
            if (stopping) {
                return;
            }
            String how = name + " ended (exit " + dead.process().exitValue() + "): " + dead.reason() + " [log: "
                    + dead.plan().log() + "]";
            if (!settings.restart()) {
                progress.warn(how + "; not restarted, as COMFYGW_RESTART is off");
                return;
            }
            while (!stopping) {
                progress.warn(how + "; restarting in " + delay.toMillis() + " ms");
                Thread.sleep(delay);
                delay = delay.multipliedBy(2).compareTo(LONGEST_RESTART_DELAY) > 0
                        ? LONGEST_RESTART_DELAY
                        : delay.plus(delay);
                try {
                    Child next = startOne(dead.plan());
                    watch(next, delay);
                    writeState();
                    return;
                } catch (StartFailure | IOException e) {
                    how = String.valueOf(e.getMessage());
                    stopHung(name);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A child that never became ready must not stand in the way of its successor. */
    private void stopHung(String name) {
        Child hung;
        guard.lock();
        try {
            hung = children.get(name);
        } finally {
            guard.unlock();
        }
        if (hung != null) {
            hung.awaitEnd(System.nanoTime());
        }
    }

    private void writeState() {
        StackState current = state;
        if (current == null) {
            return;
        }
        Map<String, Child> running;
        guard.lock();
        try {
            running = new LinkedHashMap<>(children);
            if (!stopping) {
                current.write(running);
            }
        } catch (IOException e) {
            progress.warn("stack.json cannot be written: " + e.getMessage());
        } finally {
            guard.unlock();
        }
    }

    /** Stops everything, the services before what they stand on; may be called from several threads. */
    @Override
    public void close() {
        stopGuard.lock();
        try {
            List<Child> running;
            guard.lock();
            try {
                stopping = true;
                running = List.copyOf(children.values());
                children.clear();
            } finally {
                guard.unlock();
            }
            if (!running.isEmpty()) {
                progress.say("stopping");
            }
            stop(running.stream()
                    .filter(child -> !PARTS.contains(child.plan().name()))
                    .toList());
            stop(running.stream()
                    .filter(child -> PARTS.contains(child.plan().name()))
                    .toList());
            if (state != null) {
                state.remove();
            }
            if (lock != null) {
                lock.close();
                lock = null;
            }
            if (!running.isEmpty()) {
                progress.say("stopped");
            }
        } catch (IOException e) {
            progress.warn("The data folder cannot be tidied: " + e.getMessage());
        } finally {
            stopGuard.unlock();
        }
    }

    private static void stop(List<Child> some) {
        some.forEach(Child::askToStop);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_PATIENCE.toSeconds());
        some.forEach(child -> child.awaitEnd(deadline));
    }
}
