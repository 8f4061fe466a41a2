package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.job.JobEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
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
 * One client's view of one job: joins what was with what happens, in order and without repeats.
 *
 * <p>State changes come from two sides, live and read from job-service, in any order and more than once; their numbers
 * put them in order. Worker reports pass only while their attempt is the newest known. Everything is guarded by the
 * monitor of this object; items leave it on whichever thread adds one or asks for one, never two at a time.
 */
final class JobStream {

    private static final Logger log = LoggerFactory.getLogger(JobStream.class);

    /** Reports of an attempt whose start is not known yet: the two come from different producers. */
    private static final int EARLY_REPORTS = 256;

    private static final Duration UNCLAIMED = Duration.ofSeconds(30);

    private static final Duration GAP_RETRY = Duration.ofMillis(250);

    private final String jobId;
    private final StreamProperties properties;
    private final LongFunction<Mono<JobHistory>> history;
    private final Scheduler scheduler;
    private final Runnable onClose;
    private final Disposable.Swap unclaimed = Disposables.swap();
    private final Disposable.Swap beats = Disposables.swap();
    private final Disposable.Swap reads = Disposables.swap();
    private final Disposable.Swap progressTask = Disposables.swap();
    private final Disposable tasks = Disposables.composite(unclaimed, beats, reads, progressTask);

    private final Deque<StreamItem> queue = new ArrayDeque<>();
    private final TreeMap<Long, JobEvent> ahead = new TreeMap<>();
    private final Deque<AttemptReport> early = new ArrayDeque<>();
    private boolean primed;
    private boolean ended;
    private boolean closed;
    private boolean hungUp;
    private boolean reading;
    private long seenSeq;
    private long sentSeq;
    private @Nullable String attemptId;
    private int attemptNumber;
    private long reportNumber;
    private int reportsQueued;
    private AttemptReport.@Nullable Progressed progress;
    private long nextProgressAt;
    private boolean progressTimer;
    private boolean draining;
    private @Nullable FluxSink<StreamItem> sink;

    /** @param history reads the state changes after a number */
    JobStream(
            String jobId,
            StreamProperties properties,
            LongFunction<Mono<JobHistory>> history,
            Scheduler scheduler,
            Runnable onClose) {
        this.jobId = jobId;
        this.properties = properties;
        this.history = history;
        this.scheduler = scheduler;
        this.onClose = onClose;
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
            // A number nobody gave out yet must not hide the changes to come.
            sentSeq = Math.min(after, known.lastSeq());
            primed = true;
            merge(known);
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
            queue.clear();
        }
        tasks.dispose();
        onClose.run();
    }

    /** Completes the stream before its end, because the gateway stops; the client comes back to another one. */
    void hangUp() {
        synchronized (this) {
            hungUp = true;
            queue.clear();
        }
        drain();
    }

    /** A state change as it happens. */
    void onChange(JobEvent event) {
        synchronized (this) {
            if (closed || event.seq() <= seenSeq) {
                return;
            }
            ahead.put(event.seq(), event);
            if (!primed) {
                return;
            }
            advance();
        }
        drain();
    }

    /** A worker's report as it happens. */
    void onReport(AttemptReport report) {
        synchronized (this) {
            if (closed || ended) {
                return;
            }
            if (!primed || report.attempt().number() > attemptNumber) {
                hold(report);
                return;
            }
            accept(report);
        }
        drain();
    }

    private void hold(AttemptReport report) {
        if (early.size() == EARLY_REPORTS) {
            early.removeFirst();
        }
        early.addLast(report);
    }

    private void merge(JobHistory known) {
        take(known);
        advance();
    }

    private void take(JobHistory known) {
        known.events().stream().filter(event -> event.seq() > seenSeq).forEach(event -> ahead.put(event.seq(), event));
    }

    /** Takes what is next in number; asks job-service for what is missing in between. */
    private void advance() {
        while (!ahead.isEmpty() && ahead.firstKey() <= seenSeq + 1) {
            JobEvent event = ahead.pollFirstEntry().getValue();
            if (event.seq() == seenSeq + 1) {
                accept(event);
            }
        }
        if (!ahead.isEmpty()) {
            read();
        }
    }

    private void accept(JobEvent event) {
        seenSeq = event.seq();
        switch (event) {
            case JobEvent.JobStarted started -> {
                attemptId = started.attemptId();
                attemptNumber = started.attempt();
                reportNumber = 0;
                progress = null;
            }
            case JobEvent.JobRequeued requeued -> {
                attemptId = null;
                progress = null;
            }
            case JobEvent.JobOutcome outcome -> {
                ended = true;
                attemptId = null;
                progress = null;
                early.clear();
            }
            case JobEvent.JobSubmitted submitted -> {}
            case JobEvent.JobCancelRequested canceling -> {}
        }
        if (event.seq() > sentSeq) {
            sentSeq = event.seq();
            queue.addLast(new StreamItem.Change(event));
        }
        if (event instanceof JobEvent.JobStarted) {
            List<AttemptReport> held = new ArrayList<>(early);
            early.clear();
            for (AttemptReport report : held) {
                if (report.attempt().number() > attemptNumber) {
                    early.addLast(report);
                } else {
                    accept(report);
                }
            }
        }
    }

    private void accept(AttemptReport report) {
        if (!report.attempt().attemptId().equals(attemptId) || report.n() <= reportNumber) {
            return;
        }
        reportNumber = report.n();
        switch (report) {
            case AttemptReport.Progressed newest -> progress = newest;
            case AttemptReport.ExecutionStarted started -> enqueue(started);
            case AttemptReport.NodeStarted started -> enqueue(started);
            case AttemptReport.NodeFinished finished -> enqueue(finished);
            case AttemptReport.OutputStored stored -> enqueue(stored);
            case AttemptReport.Ended result -> {
                // Only job-service says how a job ends; its word follows.
            }
        }
    }

    private void enqueue(AttemptReport report) {
        if (progress != null) {
            // What happened before the node changed is told before it.
            add(progress);
            progress = null;
        }
        add(report);
    }

    private void add(AttemptReport report) {
        if (reportsQueued >= properties.queueSize()) {
            Iterator<StreamItem> items = queue.iterator();
            while (items.hasNext()) {
                if (items.next() instanceof StreamItem.Report) {
                    items.remove();
                    reportsQueued--;
                    break;
                }
            }
        }
        queue.addLast(new StreamItem.Report(report));
        reportsQueued++;
    }

    /** A live record may be lost with a broker: each heartbeat also looks at the truth. */
    private void beat() {
        synchronized (this) {
            if (closed || ended) {
                return;
            }
            if (queue.isEmpty()) {
                queue.addLast(new StreamItem.Heartbeat());
            }
            read();
        }
        drain();
    }

    private void read() {
        if (reading || closed) {
            return;
        }
        reading = true;
        // Subscribed elsewhere: the caller holds the monitor.
        reads.replace(history.apply(seenSeq).subscribeOn(scheduler).subscribe(this::onRead, this::onReadFailed));
    }

    private void onRead(JobHistory known) {
        synchronized (this) {
            reading = false;
            if (closed) {
                return;
            }
            take(known);
            if (!ahead.isEmpty() && ahead.firstKey() > seenSeq + 1) {
                readLater();
            } else {
                advance();
            }
        }
        drain();
    }

    private synchronized void onReadFailed(Throwable error) {
        reading = false;
        log.debug("The events of {} could not be read", jobId, error);
        if (!closed && !ahead.isEmpty()) {
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
                last = hungUp || (ended && queue.isEmpty());
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
        StreamItem item = queue.pollFirst();
        if (item instanceof StreamItem.Report) {
            reportsQueued--;
        }
        if (item != null || progress == null) {
            return item;
        }
        long now = scheduler.now(TimeUnit.MILLISECONDS);
        if (now < nextProgressAt) {
            if (!progressTimer) {
                progressTimer = true;
                progressTask.replace(
                        scheduler.schedule(this::progressDue, nextProgressAt - now, TimeUnit.MILLISECONDS));
            }
            return null;
        }
        nextProgressAt = now + properties.progressInterval().toMillis();
        StreamItem newest = new StreamItem.Report(progress);
        progress = null;
        return newest;
    }

    private void progressDue() {
        synchronized (this) {
            progressTimer = false;
        }
        drain();
    }
}
