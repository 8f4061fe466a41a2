package dev.comfygateway.kafka;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventType;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.offer.JobOffered;
import dev.comfygateway.contract.offer.PreviewsRequested;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerInventory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which Java record holds the data of which event type. The only place that joins the two. */
public final class EventCatalog {

    private static final Map<EventType, Class<? extends EventData>> CLASSES = new LinkedHashMap<>();
    private static final Map<Class<? extends EventData>, EventType> TYPES = new LinkedHashMap<>();

    static {
        add("job.offered", JobOffered.class);
        add("job.submitted", JobEvent.JobSubmitted.class);
        add("job.started", JobEvent.JobStarted.class);
        add("job.requeued", JobEvent.JobRequeued.class);
        add("job.reprioritized", JobEvent.JobReprioritized.class);
        add("job.cancel-requested", JobEvent.JobCancelRequested.class);
        add("job.succeeded", JobEvent.JobSucceeded.class);
        add("job.failed", JobEvent.JobFailed.class);
        add("job.canceled", JobEvent.JobCanceled.class);
        add("job.expired", JobEvent.JobExpired.class);
        add("attempt.execution-started", AttemptReport.ExecutionStarted.class);
        add("attempt.node-started", AttemptReport.NodeStarted.class);
        add("attempt.node-finished", AttemptReport.NodeFinished.class);
        add("attempt.progressed", AttemptReport.Progressed.class);
        add("attempt.output-stored", AttemptReport.OutputStored.class);
        add("attempt.succeeded", AttemptReport.AttemptSucceeded.class);
        add("attempt.failed", AttemptReport.AttemptFailed.class);
        add("attempt.canceled", AttemptReport.AttemptCanceled.class);
        add("attempt.stop-requested", AttemptStopRequested.class);
        add("attempt.preview-shown", PreviewShown.class);
        add("attempt.previews-requested", PreviewsRequested.class);
        add("worker.heartbeat", WorkerHeartbeat.class);
        add("worker.inventory", WorkerInventory.class);
    }

    private EventCatalog() {}

    private static void add(String name, Class<? extends EventData> dataClass) {
        EventType type = new EventType(name, 1);
        CLASSES.put(type, dataClass);
        TYPES.put(dataClass, type);
    }

    /** The record class of a type, or empty for a type this version does not know. */
    public static Optional<Class<? extends EventData>> dataClass(EventType type) {
        return Optional.ofNullable(CLASSES.get(type));
    }

    /** The type of a record; throws {@link IllegalArgumentException} for a record that is not in the catalog. */
    public static EventType typeOf(EventData data) {
        EventType type = TYPES.get(data.getClass());
        if (type == null) {
            throw new IllegalArgumentException("Not in the event catalog: " + data.getClass());
        }
        return type;
    }

    /** Every type with its record class, in a fixed order. */
    public static Map<EventType, Class<? extends EventData>> all() {
        return Map.copyOf(CLASSES);
    }
}
