package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.job.JobEvent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One client's view of one job: hands a {@link JobBacklog} to its subscriber as fast as that one asks, and fetches what
 * it misses.
 *
 * <p>Everything is guarded by the monitor of this object; items leave it on whichever thread adds one or asks for one,
 * never two at a time.
 */
final class JobStream {

    private static final Logger log = LoggerFactory.getLogger(JobStream.class);

    private static final Duration UNCLAIMED = Duration.ofSeconds(30);

    private static final Duration GAP_RETRY = Duration.ofMillis(250);

    private final String jobId;
    private final StreamProperties properties;
    private final LongFunction<Mono<JobHistory>> history;
    private final Scheduler scheduler;
    private final @Nullable Supplier<Mono<Void>> watch;
    private final Runnable onClose;
    private final Disposable.Swap unclaimed = Disposables.swap();
    private final Disposable.Swap beats = Disposables.swap();
    private final Disposable.Swap reads = Disposables.swap();
    private final Disposable.Swap progressTask = Disposables.swap();
    private final Disposable.Swap watching = Disposables.swap();
    private final Disposable tasks = Disposables.composite(unclaimed, beats, reads, progressTask, watching);

    private final JobBacklog backlog;
    private boolean closed;
    private boolean hungUp;
    private boolean reading;
    private boolean progressTimer;
    private boolean draining;
    private @Nullable FluxSink<StreamItem> sink;

    /**
     * @param history reads the state changes after a number
     * @param watch says that previews are wanted for a while, or null when they are not
     */
    JobStream(
            String jobId,
            StreamProperties properties,
            LongFunction<Mono<JobHistory>> history,
            Scheduler scheduler,
            @Nullable Supplier<Mono<Void>> watch,
            Runnable onClose) {
        this.jobId = jobId;
        this.properties = properties;
        this.history = history;
        this.scheduler = scheduler;
        this.watch = watch;
        this.onClose = onClose;
        this.backlog = new JobBacklog(properties.queueSize(), properties.progressInterval());
    }

    String jobId() {
        return jobId;
    }

    /**
     * Starts from what job-service knows: the whole history, so that the newest attempt is known, of which the client
     * gets what is after {@code after}.
     */
    void prime(JobHistory known, long after) {
        synchronized (this) {
            backlog.prime(known, after);
            readWhatIsMissing();
            watch();
        }
        // A client that left at this moment will never subscribe, nor cancel.
        unclaimed.replace(scheduler.schedule(this::closeIfUnclaimed, UNCLAIMED.toMillis(), TimeUnit.MILLISECONDS));
        drain();
    }

    private void closeIfUnclaimed() {
        boolean unused;
        synchronized (this) {
            unused = sink == null;
        }
        if (unused) {
            close();
        }
    }

    /** The items, for one subscriber; completes after the outcome. */
    Flux<StreamItem> items() {
        return Flux.create(this::connect, FluxSink.OverflowStrategy.ERROR);
    }

    private void connect(FluxSink<StreamItem> to) {
        synchronized (this) {
            sink = to;
        }
        to.onDispose(this::close);
        to.onRequest(demand -> drain());
        beats.replace(scheduler.schedulePeriodically(
                this::beat,
                properties.heartbeat().toMillis(),
                properties.heartbeat().toMillis(),
                TimeUnit.MILLISECONDS));
        drain();
    }

    /** Ends it; safe to call more than once. */
    void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            backlog.clear();
        }
        tasks.dispose();
        onClose.run();
    }

    /** Completes the stream before its end, because the gateway stops; the client comes back to another one. */
    void hangUp() {
        synchronized (this) {
            hungUp = true;
            backlog.clear();
        }
        drain();
    }

    /** A state change as it happens. */
    void onChange(JobEvent event) {
        synchronized (this) {
            if (closed || !backlog.add(event)) {
                return;
            }
            readWhatIsMissing();
            if (event instanceof JobEvent.JobStarted) {
                watch();
            }
        }
        drain();
    }

    /** A picture of a running node. */
    void onPreview(PreviewShown preview) {
        synchronized (this) {
            if (closed || watch == null || !backlog.add(preview)) {
                return;
            }
        }
        drain();
    }

    /** Says, again and again while an attempt runs, that its previews are wanted. */
    private void watch() {
        if (watch != null && !closed && backlog.isRunning()) {
            watching.replace(watch.get()
                    .subscribeOn(scheduler)
                    .subscribe(done -> {}, error -> log.debug("Previews of {} not asked for", jobId, error)));
        }
    }

    /** A worker's report as it happens. */
    void onReport(AttemptReport report) {
        synchronized (this) {
            if (closed || !backlog.add(report)) {
                return;
            }
        }
        drain();
    }

    /** A live record may be lost with a broker: each heartbeat also looks at the truth. */
    private void beat() {
        synchronized (this) {
            if (closed || backlog.isEnded()) {
                return;
            }
            backlog.addHeartbeat();
            read();
            watch();
        }
        drain();
    }

    /** Asks job-service for the changes that are missing in between. */
    private void readWhatIsMissing() {
        if (backlog.hasGap()) {
            read();
        }
    }

    private void read() {
        if (reading || closed) {
            return;
        }
        reading = true;
        // Subscribed elsewhere: the caller holds the monitor.
        reads.replace(
                history.apply(backlog.seenSeq()).subscribeOn(scheduler).subscribe(this::onRead, this::onReadFailed));
    }

    private void onRead(JobHistory known) {
        synchronized (this) {
            reading = false;
            if (closed) {
                return;
            }
            long before = backlog.seenSeq();
            backlog.merge(known);
            if (backlog.hasGap() && backlog.seenSeq() == before) {
                // Not stored yet, it seems.
                readLater();
            } else {
                readWhatIsMissing();
            }
        }
        drain();
    }

    private synchronized void onReadFailed(Throwable error) {
        reading = false;
        log.debug("The events of {} could not be read", jobId, error);
        if (!closed && backlog.hasGap()) {
            readLater();
        }
    }

    private void readLater() {
        reading = true;
        reads.replace(scheduler.schedule(
                () -> {
                    synchronized (this) {
                        reading = false;
                        read();
                    }
                },
                GAP_RETRY.toMillis(),
                TimeUnit.MILLISECONDS));
    }

    /** Sends what the client asked for. Whoever comes while an item is being sent leaves it to the sender, who looks again. */
    private void drain() {
        synchronized (this) {
            if (draining) {
                return;
            }
            draining = true;
        }
        while (true) {
            FluxSink<StreamItem> to;
            StreamItem item;
            boolean last;
            synchronized (this) {
                to = sink;
                if (to == null) {
                    draining = false;
                    return;
                }
                item = to.requestedFromDownstream() == 0 ? null : poll();
                last = hungUp || backlog.isFinished();
                if (item == null && !last) {
                    draining = false;
                    return;
                }
            }
            if (item != null) {
                to.next(item);
            }
            if (last) {
                to.complete();
                return;
            }
        }
    }

    private @Nullable StreamItem poll() {
        long now = scheduler.now(TimeUnit.MILLISECONDS);
        StreamItem item = backlog.poll(now);
        if (item == null && backlog.hasProgress() && !progressTimer) {
            progressTimer = true;
            progressTask.replace(
                    scheduler.schedule(this::progressDue, backlog.nextProgressAt() - now, TimeUnit.MILLISECONDS));
        }
        return item;
    }

    private void progressDue() {
        synchronized (this) {
            progressTimer = false;
        }
        drain();
    }
}
