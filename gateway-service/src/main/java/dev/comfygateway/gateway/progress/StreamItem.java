package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.job.JobEvent;

/** What a stream says, before it has a form. */
sealed interface StreamItem {

    /** A numbered state change; never dropped. */
    record Change(JobEvent event) implements StreamItem {}

    /** What the worker reports in between; may be dropped for a slow client. */
    record Report(AttemptReport report) implements StreamItem {}

    /** What a node shows while it works; only the newest, for those who asked. */
    record Preview(PreviewShown preview) implements StreamItem {}

    /** Nothing new. */
    record Heartbeat() implements StreamItem {}
}
