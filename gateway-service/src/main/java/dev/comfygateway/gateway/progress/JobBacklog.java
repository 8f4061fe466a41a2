package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.job.JobEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one client is still to be told of one job: joins what was with what happens, in order and without repeats.
 *
 * <p>State changes come from two sides, live and read from job-service, in any order and more than once; their numbers
 * put them in order, and none is ever dropped. Worker reports pass only while their attempt is the newest known; of
 * those, no more than a number are kept, and of an attempt's progress only the newest. Knows no threads and no clock:
 * whoever owns it guards it.
 */
final class JobBacklog {

    /** Reports of an attempt whose start is not known yet: the two come from different producers. */
    private static final int EARLY_REPORTS = 256;

    private final int reportsKept;
    private final long progressIntervalMillis;
    private final Deque<StreamItem> queue = new ArrayDeque<>();
    private final TreeMap<Long, JobEvent> ahead = new TreeMap<>();
    private final Deque<AttemptReport> early = new ArrayDeque<>();
    private boolean primed;
    private boolean ended;
    private long seenSeq;
    private long sentSeq;
    private @Nullable String attemptId;
    private int attemptNumber;
    private long reportNumber;
    private int reportsQueued;
    private AttemptReport.@Nullable Progressed progress;
    private @Nullable PreviewShown preview;
    private long nextProgressAt;

    /**
     * @param reportsKept how many reports may wait before the oldest is dropped
     * @param progressInterval shortest time between two progress reports
     */
    JobBacklog(int reportsKept, Duration progressInterval) {
        this.reportsKept = reportsKept;
        this.progressIntervalMillis = progressInterval.toMillis();
    }

    /**
     * Starts from what job-service knows: the whole history, so that the newest attempt is known, of which the client
     * gets what is after {@code after}. What came before is held until now.
     */
    void prime(JobHistory known, long after) {
        // A number nobody gave out yet must not hide the changes to come.
        sentSeq = Math.min(after, known.lastSeq());
        primed = true;
        merge(known);
    }

    /** Adds what job-service knows. */
    void merge(JobHistory known) {
        known.events().stream().filter(event -> event.seq() > seenSeq).forEach(event -> ahead.put(event.seq(), event));
        advance();
    }

    /**
     * Adds a state change as it happens.
     *
     * @return whether there may be something to send, or {@linkplain #hasGap() to fetch}
     */
    boolean add(JobEvent event) {
        if (event.seq() <= seenSeq) {
            return false;
        }
        ahead.put(event.seq(), event);
        if (!primed) {
            return false;
        }
        advance();
        return true;
    }

    /**
     * Adds a worker's report as it happens.
     *
     * @return whether there may be something to send
     */
    boolean add(AttemptReport report) {
        if (ended) {
            return false;
        }
        if (!primed || report.attempt().number() > attemptNumber) {
            hold(report);
            return false;
        }
        accept(report);
        return true;
    }

    /**
     * Adds a preview; it replaces one that was not sent yet.
     *
     * @return whether there may be something to send
     */
    boolean add(PreviewShown shown) {
        if (ended || !shown.attempt().attemptId().equals(attemptId)) {
            return false;
        }
        preview = shown;
        return true;
    }

    /** Whether an attempt runs, as far as is known. */
    boolean isRunning() {
        return attemptId != null;
    }

    /** Adds a sign of life, unless something else is waiting anyway. */
    void addHeartbeat() {
        if (queue.isEmpty()) {
            queue.addLast(new StreamItem.Heartbeat());
        }
    }

    /** The number of the newest change of which no predecessor is missing. */
    long seenSeq() {
        return seenSeq;
    }

    /** Whether a change is known that has to wait for one before it. */
    boolean hasGap() {
        return primed && !ahead.isEmpty();
    }

    /** Whether the outcome is known; nothing comes after it. */
    boolean isEnded() {
        return ended;
    }

    /** Whether the client has been told everything, the outcome included. */
    boolean isFinished() {
        return ended && queue.isEmpty();
    }

    /** Takes the next item, or null when there is none yet; progress waits until its time. */
    @Nullable
    StreamItem poll(long nowMillis) {
        StreamItem item = queue.pollFirst();
        if (item instanceof StreamItem.Report) {
            reportsQueued--;
        }
        if (item != null) {
            return item;
        }
        if (preview != null) {
            StreamItem shown = new StreamItem.Preview(preview);
            preview = null;
            return shown;
        }
        if (progress == null || nowMillis < nextProgressAt) {
            return null;
        }
        nextProgressAt = nowMillis + progressIntervalMillis;
        StreamItem newest = new StreamItem.Report(progress);
        progress = null;
        return newest;
    }

    /** Whether progress waits for its time. */
    boolean hasProgress() {
        return progress != null;
    }

    /** When progress may be sent again. */
    long nextProgressAt() {
        return nextProgressAt;
    }

    /** Forgets the items that wait. */
    void clear() {
        queue.clear();
        reportsQueued = 0;
        preview = null;
    }

    private void hold(AttemptReport report) {
        if (early.size() == EARLY_REPORTS) {
            early.removeFirst();
        }
        early.addLast(report);
    }

    /** Takes what is next in number. */
    private void advance() {
        while (!ahead.isEmpty() && ahead.firstKey() <= seenSeq + 1) {
            JobEvent event = ahead.pollFirstEntry().getValue();
            if (event.seq() == seenSeq + 1) {
                accept(event);
            }
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
                preview = null;
            }
            case JobEvent.JobOutcome outcome -> {
                ended = true;
                attemptId = null;
                progress = null;
                preview = null;
                early.clear();
            }
            case JobEvent.JobSubmitted submitted -> {}
            case JobEvent.JobReprioritized moved -> {}
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
            append(progress);
            progress = null;
        }
        append(report);
    }

    private void append(AttemptReport report) {
        if (reportsQueued >= reportsKept) {
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
}
