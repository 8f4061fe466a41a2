package dev.comfygateway.systemtests;

import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** One job of the load and what its client saw of it. */
final class FaultJob {

    /** What a client wants of a job. */
    enum Kind {
        INSTANT,
        SECONDS,
        LONGER,
        FAILING,
        CANCELED_WAITING,
        CANCELED_RUNNING;

        Map<String, Object> graph(int number) {
            return switch (this) {
                case INSTANT -> Graphs.invert(64, 64, number);
                case SECONDS -> Graphs.slow(15, number);
                case LONGER -> Graphs.slow(50, number);
                case FAILING -> Graphs.failing(number);
                case CANCELED_WAITING, CANCELED_RUNNING -> Graphs.slow(40, number);
            };
        }

        boolean isCanceled() {
            return this == CANCELED_WAITING || this == CANCELED_RUNNING;
        }
    }

    private final String key;
    private final Kind kind;
    private final int number;
    private final Queue<String> ends = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrongs = new ConcurrentLinkedQueue<>();
    private volatile String id = "";
    private volatile boolean cancelTaken;
    private volatile boolean seenOut;

    FaultJob(String key, Kind kind, int number) {
        this.key = key;
        this.kind = kind;
        this.number = number;
    }

    /** Its Idempotency-Key. */
    String key() {
        return key;
    }

    Kind kind() {
        return kind;
    }

    /** Body of the submission. */
    Map<String, Object> request(String callbackUrl) {
        return Map.of(
                "workflow",
                kind.graph(number),
                "callbackUrl",
                callbackUrl,
                "priority",
                kind == Kind.CANCELED_WAITING ? "low" : "normal");
    }

    /** Empty until a submission was accepted. */
    String id() {
        return id;
    }

    void accepted(String jobId) {
        if (!id.isEmpty() && !id.equals(jobId)) {
            wrongs.add("its key named job " + id + " and then " + jobId);
        }
        id = jobId;
    }

    /** A cancel was answered with a job that will be, or is, canceled. */
    void cancelTaken() {
        cancelTaken = true;
    }

    boolean isCancelTaken() {
        return cancelTaken;
    }

    /** The stream has shown this end. */
    void ended(String status) {
        ends.add(status);
    }

    /** What its streams said at the end, in order. */
    Queue<String> ends() {
        return ends;
    }

    /** Something that must not happen. */
    void wrong(String what) {
        wrongs.add(what);
    }

    Queue<String> wrongs() {
        return wrongs;
    }

    /** Its client has nothing more to do. */
    void seenOut() {
        seenOut = true;
    }

    boolean isSeenOut() {
        return seenOut;
    }

    /** The statuses that it may end with when nothing takes its attempts. */
    Set<String> regularEnds() {
        if (cancelTaken) {
            return Set.of("canceled");
        }
        return switch (kind) {
            case INSTANT, SECONDS, LONGER -> Set.of("succeeded");
            case FAILING -> Set.of("failed");
            // It had ended before the cancel came.
            case CANCELED_WAITING, CANCELED_RUNNING -> Set.of("succeeded");
        };
    }

    @Override
    public String toString() {
        return "%s %s %s, ended as %s%s"
                .formatted(kind, key, id.isEmpty() ? "not accepted" : id, ends, cancelTaken ? ", cancel taken" : "");
    }
}
