package dev.comfygateway.webhook.delivery;

import dev.comfygateway.edge.Caller;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Sends a webhook again, with the same id and the same bytes. */
@Service
public class RedeliverWebhook {

    private final Deliveries deliveries;
    private final DispatchDeliveries dispatcher;

    RedeliverWebhook(Deliveries deliveries, DispatchDeliveries dispatcher) {
        this.deliveries = deliveries;
        this.dispatcher = dispatcher;
    }

    /** The delivery after the reset; empty when there is none that the caller may see. */
    public Mono<Delivery> handle(String id, Caller caller) {
        return deliveries
                .find(id)
                .filter(delivery -> caller.maySee(delivery.tenant()))
                .flatMap(delivery -> deliveries.reset(id).then(deliveries.find(id)))
                .doOnNext(delivery -> dispatcher.wake());
    }
}
