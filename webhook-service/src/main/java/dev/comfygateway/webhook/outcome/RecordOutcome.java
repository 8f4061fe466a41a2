package dev.comfygateway.webhook.outcome;

import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.job.JobEvent.JobCanceled;
import dev.comfygateway.contract.job.JobEvent.JobExpired;
import dev.comfygateway.contract.job.JobEvent.JobFailed;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.JobSucceeded;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.webhook.delivery.Deliveries;
import dev.comfygateway.webhook.delivery.DispatchDeliveries;
import dev.comfygateway.webhook.delivery.NewDelivery;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Stores the webhook of an outcome whose job asked for one, and has it sent. Duplicate rule: the event's id is the
 * delivery's key, so a repeated record changes nothing.
 */
@Service
public class RecordOutcome {

    private static final Logger log = LoggerFactory.getLogger(RecordOutcome.class);

    private final AssetLinks links;
    private final Deliveries deliveries;
    private final DispatchDeliveries dispatcher;
    private final LinkProperties properties;
    private final JsonMapper json;

    RecordOutcome(
            AssetLinks links,
            Deliveries deliveries,
            DispatchDeliveries dispatcher,
            LinkProperties properties,
            JsonMapper json) {
        this.links = links;
        this.deliveries = deliveries;
        this.dispatcher = dispatcher;
        this.properties = properties;
        this.json = json;
    }

    /** Completes when the webhook is durable, or at once when there is nothing to send. */
    public Mono<Void> handle(EventEnvelope<? extends JobOutcome> event) {
        JobOutcome outcome = event.data();
        String callbackUrl = outcome.context().callbackUrl();
        if (callbackUrl == null) {
            return Mono.empty();
        }
        String tenant = outcome.context().tenant();
        List<String> assetIds =
                outputs(outcome).stream().map(JobOutput::assetId).toList();
        return links.links(tenant, assetIds)
                .map(found -> new NewDelivery(
                        event.id(),
                        outcome.jobId(),
                        tenant,
                        callbackUrl,
                        event.type().name(),
                        json.writeValueAsBytes(body(event, found)),
                        event.traceparent()))
                .flatMap(deliveries::add)
                .doOnNext(added -> {
                    if (added) {
                        log.atInfo()
                                .addKeyValue(LogKeys.JOB_ID, outcome.jobId())
                                .log("Webhook {} recorded", event.id());
                        dispatcher.wake();
                    }
                })
                .then();
    }

    private WebhookBody body(EventEnvelope<? extends JobOutcome> event, Map<String, String> found) {
        JobOutcome outcome = event.data();
        return new WebhookBody(
                event.type().name(),
                event.id(),
                outcome.jobId(),
                outcome.status(),
                outcome.context().workflowId(),
                new WebhookBody.Result(outputs(outcome).stream()
                        .map(output -> new WebhookBody.Output(
                                output.filename(),
                                found.get(output.assetId()),
                                base() + "/v1/assets/" + output.assetId() + "/content",
                                output.contentType(),
                                output.size(),
                                output.sha256(),
                                output.assetId(),
                                output.index()))
                        .toList()),
                failure(outcome),
                outcome.context().metadata(),
                outcome.context().timing(),
                outcome.context().attempts(),
                outcome.at());
    }

    private String base() {
        String url = properties.publicUrl().strip();
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private static List<JobOutput> outputs(JobOutcome outcome) {
        return switch (outcome) {
            case JobSucceeded succeeded -> succeeded.outputs();
            case JobFailed failed -> List.of();
            case JobCanceled canceled -> List.of();
            case JobExpired expired -> List.of();
        };
    }

    private static @Nullable Failure failure(JobOutcome outcome) {
        return switch (outcome) {
            case JobSucceeded succeeded -> null;
            case JobFailed failed -> failed.failure();
            case JobCanceled canceled -> null;
            case JobExpired expired -> expired.failure();
        };
    }
}
