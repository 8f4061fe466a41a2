package dev.comfygateway.job.report;

import dev.comfygateway.contract.attempt.AttemptReport;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects an {@link Execution} out of the reports of one attempt. Thread safe. */
final class ExecutionNotes {

    static final int MOST_NODES = 500;

    private final Map<String, NodeTime> nodes = new LinkedHashMap<>();
    private @Nullable Instant startedAt;
    private int outputs;
    private int leftOut;
    private boolean whole = true;

    /** A report comes after another; when some are missing between them, another replica has heard and stored those. */
    synchronized void expect(long n, long after) {
        if (n > after + 1) {
            whole = false;
        }
    }

    /** Whether these are all there is; else what others stored is to be merged. */
    synchronized boolean isWhole() {
        return whole;
    }

    synchronized void note(AttemptReport report) {
        switch (report) {
            case AttemptReport.ExecutionStarted started -> {
                if (startedAt == null) {
                    startedAt = started.at();
                }
            }
            case AttemptReport.NodeStarted node ->
                node(new NodeTime(node.nodeId(), node.nodeClass(), node.at(), null, false, 0, 0));
            case AttemptReport.NodeFinished node -> {
                NodeTime ended = new NodeTime(node.nodeId(), node.nodeClass(), null, node.at(), node.cached(), 0, 0);
                if (!node(ended)) {
                    leftOut++;
                }
            }
            case AttemptReport.Progressed step ->
                node(new NodeTime(step.nodeId(), step.nodeClass(), null, null, false, step.step(), step.steps()));
            case AttemptReport.OutputStored stored ->
                outputs = Math.max(outputs, stored.output().index() + 1);
            case AttemptReport.Ended _ -> {}
        }
    }

    /** Puts what was stored before in front. */
    synchronized void merge(@Nullable Execution stored) {
        whole = true;
        if (stored == null) {
            return;
        }
        List<NodeTime> mine = List.copyOf(nodes.values());
        nodes.clear();
        stored.nodes().forEach(this::node);
        mine.forEach(this::node);
        startedAt = stored.startedAt() == null ? startedAt : stored.startedAt();
        outputs = Math.max(outputs, stored.outputs());
        leftOut += stored.leftOut();
    }

    synchronized Execution toExecution() {
        return new Execution(startedAt, outputs, List.copyOf(nodes.values()), leftOut);
    }

    /** Whether there was room for it. */
    private boolean node(NodeTime heard) {
        NodeTime known = nodes.get(heard.id());
        if (known == null && nodes.size() >= MOST_NODES) {
            return false;
        }
        nodes.put(heard.id(), known == null ? heard : known.and(heard));
        return true;
    }
}
