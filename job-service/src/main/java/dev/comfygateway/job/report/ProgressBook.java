package dev.comfygateway.job.report;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The newest progress of the attempts whose reports this replica reads. In memory: progress is worth showing, not worth
 * a transaction each. Thread safe.
 */
@Component
public class ProgressBook {

    private static final long WRITE_EVERY = Duration.ofSeconds(5).toNanos();
    private static final long FORGET_AFTER = Duration.ofMinutes(15).toNanos();
    private static final double ALMOST = 0.99;

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();

    private record Entry(AttemptProgress progress, ExecutionNotes notes, long changedAt, long writtenAt) {}

    /** What should be written now. */
    record Due(AttemptProgress progress, ExecutionNotes notes) {}

    /** Takes a report in and returns what should be written now, or null. */
    @Nullable
    Due take(AttemptReport report) {
        String id = report.attempt().attemptId();
        long now = System.nanoTime();
        boolean[] write = new boolean[1];
        Entry entry = entries.compute(id, (_, before) -> {
            if (before != null && before.progress().n() >= report.n()) {
                return before;
            }
            AttemptProgress next = next(before == null ? null : before.progress(), report);
            write[0] = before == null || now - before.writtenAt() >= WRITE_EVERY;
            ExecutionNotes notes = before == null ? new ExecutionNotes() : before.notes();
            notes.expect(report.n(), before == null ? 0 : before.progress().n());
            notes.note(report);
            return new Entry(next, notes, now, write[0] || before == null ? now : before.writtenAt());
        });
        return write[0] && entry != null ? new Due(entry.progress(), entry.notes()) : null;
    }

    /** What was heard here of the run that ends with this report, or null when nothing was. */
    @Nullable
    ExecutionNotes notes(AttemptReport.Ended last) {
        Entry entry = entries.get(last.attempt().attemptId());
        if (entry == null) {
            return null;
        }
        entry.notes().expect(last.n(), entry.progress().n());
        return entry.notes();
    }

    /** What was stored of an attempt's run, or what is known here together with that. */
    public @Nullable Execution newest(String attemptId, @Nullable Execution stored) {
        Entry entry = entries.get(attemptId);
        if (entry == null) {
            return stored;
        }
        Execution here = entry.notes().toExecution();
        if (entry.notes().isWhole() || stored == null) {
            return here;
        }
        ExecutionNotes both = new ExecutionNotes();
        both.merge(here);
        both.merge(stored);
        return both.toExecution();
    }

    /** What is newer: what was stored, or what is known here. */
    public @Nullable AttemptProgress newest(String attemptId, @Nullable AttemptProgress stored) {
        Entry entry = entries.get(attemptId);
        if (entry == null) {
            return stored;
        }
        return stored == null || entry.progress().n() >= stored.n() ? entry.progress() : stored;
    }

    void forget(String attemptId) {
        entries.remove(attemptId);
    }

    @Scheduled(fixedDelay = 60_000)
    void forgetOld() {
        long now = System.nanoTime();
        entries.values().removeIf(entry -> now - entry.changedAt() > FORGET_AFTER);
    }

    private static AttemptProgress next(@Nullable AttemptProgress before, AttemptReport report) {
        double fraction = before == null ? 0 : before.fraction();
        int done = before == null ? 0 : before.nodesDone();
        int total = before == null ? 0 : before.nodesTotal();
        String node = before == null ? null : before.currentNode();
        String nodeClass = before == null ? null : before.currentClass();
        return switch (report) {
            case AttemptReport.ExecutionStarted started ->
                with(report.n(), "executing", fraction, started.nodes(), node, nodeClass);
            case AttemptReport.NodeStarted started ->
                with(report.n(), "executing", fraction, started.nodes(), started.nodeId(), started.nodeClass());
            case AttemptReport.NodeFinished finished ->
                with(report.n(), "executing", fraction, finished.nodes(), node, nodeClass);
            case AttemptReport.Progressed step ->
                with(
                        report.n(),
                        "executing",
                        Math.max(fraction, step.fraction()),
                        step.nodes(),
                        step.nodeId(),
                        step.nodeClass());
            case AttemptReport.OutputStored _ ->
                new AttemptProgress(report.n(), "finishing", Math.max(fraction, ALMOST), done, total, null, null);
            case AttemptReport.Ended _ ->
                new AttemptProgress(report.n(), "finishing", fraction, done, total, null, null);
        };
    }

    private static AttemptProgress with(
            long n, String phase, double fraction, NodeCount nodes, @Nullable String node, @Nullable String nodeClass) {
        double byNodes = nodes.total() == 0 ? 0 : Math.min(ALMOST, (double) nodes.done() / nodes.total());
        return new AttemptProgress(n, phase, Math.max(fraction, byNodes), nodes.done(), nodes.total(), node, nodeClass);
    }
}
