package dev.comfygateway.webhook.delivery;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Makes one try. Never fails: whatever goes wrong is a {@link DeliveryResult.Refused}. Never blocks. */
public interface WebhookSender {

    /**
     * @param delivery what to send
     * @param traceparent value of the header, or null for none
     */
    Mono<DeliveryResult> send(DueDelivery delivery, @Nullable String traceparent);
}
