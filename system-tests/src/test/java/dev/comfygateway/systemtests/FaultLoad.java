package dev.comfygateway.systemtests;

import dev.comfygateway.systemtests.ApiClient.Refused;
import dev.comfygateway.systemtests.FaultJob.Kind;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Clients that go on whatever happens: each submits a job under a key of its own until it is accepted, follows it to
 * its end over as many connections as that takes, downloads what was made, and begins again.
 */
final class FaultLoad implements AutoCloseable {

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(300);
    private static final Kind[] MIX = {
        Kind.INSTANT,
        Kind.INSTANT,
        Kind.INSTANT,
        Kind.INSTANT,
        Kind.SECONDS,
        Kind.SECONDS,
        Kind.LONGER,
        Kind.FAILING,
        Kind.CANCELED_WAITING,
        Kind.CANCELED_RUNNING
    };

    private final ApiClient api;
    private final String callbackUrl;
    private final long seed;
    private final Queue<FaultJob> jobs = new ConcurrentLinkedQueue<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger repeats = new AtomicInteger();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopping;

    private FaultLoad(ApiClient api, String callbackUrl, long seed) {
        this.api = api;
        this.callbackUrl = callbackUrl;
        this.seed = seed;
    }

    /** Starts the clients and returns. */
    static FaultLoad start(ApiClient api, String callbackUrl, long seed, int clients) {
        FaultLoad load = new FaultLoad(api, callbackUrl, seed);
        for (int i = 0; i < clients; i++) {
            int client = i;
            load.clients.execute(() -> load.go(client));
        }
        return load;
    }

    /** Begins no further jobs; returns when all have been seen to their ends, or the time is over. */
    List<FaultJob> finish(Duration limit) throws InterruptedException {
        stopping = true;
        clients.shutdown();
        if (!clients.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            jobs.stream()
                    .filter(job -> !job.isSeenOut())
                    .forEach(job -> job.wrong("not seen to its end within " + limit));
            clients.shutdownNow();
        }
        return List.copyOf(jobs);
    }

    /** Leaves everything as it is. */
    @Override
    public void close() {
        stopping = true;
        clients.shutdownNow();
    }

    /** How many jobs have been begun. */
    int size() {
        return jobs.size();
    }

    /** How many calls had to be repeated. */
    int repeats() {
        return repeats.get();
    }

    private void go(int client) {
        Random random = new Random(seed + client);
        try {
            while (!stopping) {
                FaultJob job = new FaultJob(
                        "faults-" + seed + "-" + client + "-" + numbers.incrementAndGet(),
                        MIX[random.nextInt(MIX.length)],
                        random.nextInt(0x1000000));
                jobs.add(job);
                one(job);
                Thread.sleep(random.nextInt(500));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void one(FaultJob job) {
        try {
            submit(job);
            if (job.kind() == Kind.CANCELED_WAITING) {
                cancel(job);
            }
            follow(job);
            if (job.ends().contains("succeeded")) {
                download(job);
            }
        } catch (RuntimeException | AssertionError e) {
            job.wrong(e.toString());
        }
        job.seenOut();
    }

    private void submit(FaultJob job) {
        String body = Json.write(job.request(callbackUrl));
        job.accepted(patiently(() -> {
            HttpResponse<String> response = api.send("POST", "/v1/jobs", body, "Idempotency-Key", job.key());
            if (response.statusCode() != 202) {
                throw new Refused("Submit", response.statusCode(), response.body());
            }
            return Json.read(response.body()).get("jobId").asString();
        }));
    }

    private void cancel(FaultJob job) {
        patiently(() -> {
            HttpResponse<String> response = api.send("POST", "/v1/jobs/" + job.id() + "/cancel", "");
            switch (response.statusCode()) {
                case 200 -> job.cancelTaken();
                case 409 -> {
                    // It had ended before.
                }
                default -> throw new Refused("Cancel", response.statusCode(), response.body());
            }
            return response;
        });
    }

    private void follow(FaultJob job) {
        String[] last = {""};
        boolean[] canceled = new boolean[1];
        while (job.ends().isEmpty()) {
            patiently(() -> api.follow(job.id(), last[0], event -> {
                if (!event.id().isEmpty()) {
                    if (Long.parseLong(event.id()) != (last[0].isEmpty() ? 0 : Long.parseLong(last[0])) + 1) {
                        job.wrong("event " + event.id() + " came after event " + last[0]);
                    }
                    last[0] = event.id();
                }
                if (event.name().equals("end")) {
                    job.ended(event.data().get("status").asString());
                }
                if (event.name().equals("progress") && job.kind() == Kind.CANCELED_RUNNING && !canceled[0]) {
                    canceled[0] = true;
                    cancel(job);
                }
            }));
        }
    }

    private void download(FaultJob job) {
        JsonNode output = patiently(() -> api.job(job.id())).at("/outputs/0");
        byte[] bytes = patiently(() -> api.download(output.get("contentUrl").asString()));
        if (!ManyJobs.sha256(bytes).equals(output.get("sha256").asString())) {
            job.wrong("its bytes are not those of its hash");
        }
    }

    /** Tries again as long as the answer is a failure of theirs, or none. */
    private <T> T patiently(Supplier<T> call) {
        while (true) {
            try {
                return call.get();
            } catch (UncheckedIOException e) {
                // No answer, or half of one.
            } catch (Refused e) {
                if (e.status() < 500) {
                    throw e;
                }
            }
            repeats.incrementAndGet();
            try {
                Thread.sleep(BETWEEN_TRIES);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("Interrupted", e);
            }
        }
    }
}
