package dev.comfygateway.systemtests;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The packaged services and what they stand on, each in a process of its own, with a {@link TcpProxy} between any two
 * of them. Two workers drive one simulated ComfyUI each.
 */
final class FaultRig implements AutoCloseable {

    static final String GATEWAY = "gateway-service";
    static final String JOBS = "job-service";
    static final String STORAGE = "storage-service";
    static final String WEBHOOKS = "webhook-service";
    static final String KAFKA = "kafka";
    static final String POSTGRES = "postgres";
    static final String S3 = "s3";
    static final List<String> WORKERS = List.of("worker-1", "worker-2");
    static final List<String> COMFY_UIS = List.of("comfyui-1", "comfyui-2");

    private final Path data;
    private final Duration lease;
    private final FaultRigPlan plan;
    private final String gateway;
    private final String kafka;

    private FaultRig(Path data, Duration lease, FaultRigPlan plan) throws IOException {
        this.data = data;
        this.lease = lease;
        this.plan = plan;
        this.gateway = "http://" + plan.address(GATEWAY);
        this.kafka = plan.address(KAFKA);
    }

    /**
     * Starts everything; blocks until all of it serves.
     *
     * @param lease of attempts; the worker renews six times as often, as by default
     */
    static FaultRig start(Path data, Duration lease) throws IOException, InterruptedException {
        Path absolute = Files.createDirectories(data).toAbsolutePath();
        FaultRig rig = new FaultRig(absolute, lease, new FaultRigPlan(absolute, lease));
        System.out.println("faults: the logs are in " + absolute);
        try {
            rig.startAll(List.of(KAFKA, POSTGRES, S3));
            Standalone.createTopics(rig.kafka(), "", absolute);
            List<String> backing = new ArrayList<>(COMFY_UIS);
            backing.addAll(List.of(JOBS, STORAGE, WEBHOOKS));
            rig.startAll(backing);
            List<String> front = new ArrayList<>(WORKERS);
            front.add(GATEWAY);
            rig.startAll(front);
            return rig;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            rig.close();
            throw e;
        }
    }

    ApiClient api() {
        return new ApiClient(URI.create(gateway));
    }

    Duration lease() {
        return lease;
    }

    /** Kafka without a proxy, for the tests' own looks. */
    String kafka() {
        return kafka;
    }

    /** A part's own HTTP address, without a proxy. */
    URI uri(String part) {
        try {
            return URI.create("http://" + plan.address(part));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    List<String> parts() {
        return List.copyOf(plan.parts().keySet());
    }

    List<String> links() {
        return List.copyOf(plan.links().keySet());
    }

    TcpProxy link(String name) {
        return known(plan.links(), name);
    }

    void start(String part) {
        known(plan.parts(), part).start();
    }

    /** Kills a part, as {@code kill -9} does. */
    void kill(String part) {
        if (part.equals(POSTGRES)) {
            killPostmaster();
        }
        known(plan.parts(), part).kill();
    }

    void pause(String part) {
        known(plan.parts(), part).pause();
    }

    void resume(String part) {
        known(plan.parts(), part).resume();
    }

    /** Names of parts that have ended although nobody ended them. */
    List<String> endedByThemselves() {
        return plan.parts().values().stream()
                .filter(Part::hasEndedByItself)
                .map(Part::name)
                .toList();
    }

    /** The database server is no child of the process that started it. */
    private void killPostmaster() {
        Path file = data.resolve(POSTGRES).resolve("cluster/postmaster.pid");
        try {
            long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
            ProcessHandle server =
                    ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("No PostgreSQL server " + pid));
            List<ProcessHandle> backends = server.descendants().toList();
            server.destroyForcibly();
            backends.forEach(ProcessHandle::destroyForcibly);
            server.onExit().join();
        } catch (IOException e) {
            throw new AssertionError("The database server cannot be found", e);
        }
    }

    private void startAll(List<String> names) throws InterruptedException {
        try (ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> starts = new ArrayList<>();
            names.forEach(name -> starts.add(starters.submit(() -> start(name))));
            for (Future<?> start : starts) {
                start.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("The rig did not start", e.getCause());
        }
    }

    private static <T> T known(Map<String, T> all, String name) {
        T one = all.get(name);
        if (one == null) {
            throw new AssertionError(name + " is none of " + all.keySet());
        }
        return one;
    }

    @Override
    public void close() throws IOException {
        List<String> services = new ArrayList<>(parts());
        List<String> last = List.of(KAFKA, POSTGRES, S3);
        services.removeAll(last);
        try (ExecutorService closers = Executors.newVirtualThreadPerTaskExecutor()) {
            services.forEach(name -> closers.execute(known(plan.parts(), name)::close));
        }
        try (ExecutorService closers = Executors.newVirtualThreadPerTaskExecutor()) {
            last.forEach(name -> closers.execute(known(plan.parts(), name)::close));
        }
        for (TcpProxy link : plan.links().values()) {
            link.close();
        }
    }
}
