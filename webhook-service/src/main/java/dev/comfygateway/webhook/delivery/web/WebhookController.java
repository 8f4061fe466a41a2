package dev.comfygateway.webhook.delivery.web;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.webhook.delivery.Delivery;
import dev.comfygateway.webhook.delivery.DeliveryState;
import dev.comfygateway.webhook.delivery.FindDeliveries;
import dev.comfygateway.webhook.delivery.RedeliverWebhook;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Shows deliveries and sends them again. */
@RestController
final class WebhookController {

    private final FindDeliveries find;
    private final RedeliverWebhook redeliver;

    WebhookController(FindDeliveries find, RedeliverWebhook redeliver) {
        this.find = find;
        this.redeliver = redeliver;
    }

    /** Answer to the list of a job. */
    record DeliveryList(List<DeliveryView> deliveries) {}

    /** One delivery as clients see it. */
    @JsonPropertyOrder({"id", "url", "state", "attempts", "lastStatus", "lastError", "createdAt", "nextAttemptAt"})
    record DeliveryView(
            String id,
            String url,
            DeliveryState state,
            int attempts,
            @Nullable Integer lastStatus,
            @Nullable String lastError,
            Instant createdAt,
            @Nullable Instant nextAttemptAt) {

        static DeliveryView of(Delivery delivery) {
            return new DeliveryView(
                    delivery.id(),
                    delivery.url(),
                    delivery.state(),
                    delivery.attempts(),
                    delivery.lastStatus(),
                    delivery.lastError(),
                    delivery.createdAt(),
                    delivery.state() == DeliveryState.PENDING ? delivery.nextAttemptAt() : null);
        }
    }

    @GetMapping("/v1/jobs/{jobId}/webhooks")
    Mono<DeliveryList> list(@PathVariable String jobId, Caller caller) {
        requireClient(caller);
        return find.handle(jobId, caller).map(DeliveryView::of).collectList().map(DeliveryList::new);
    }

    @PostMapping("/v1/webhooks/{id}/redeliver")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Mono<DeliveryView> redeliver(@PathVariable String id, Caller caller) {
        requireClient(caller);
        return redeliver
                .handle(id, caller)
                .map(DeliveryView::of)
                .switchIfEmpty(Mono.error(() -> new ProblemException(ErrorCode.NOT_FOUND, "No such webhook")));
    }

    private static void requireClient(Caller caller) {
        switch (caller.role()) {
            case USER, ADMIN, SERVICE -> {}
            case WORKER, TICKET -> throw new ProblemException(ErrorCode.FORBIDDEN, "Not for this role");
        }
    }
}
