package dev.comfygateway.webhook.delivery;

import dev.comfygateway.edge.Caller;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;

/** Deliveries of one job, as far as the caller may see them. */
@Service
public class FindDeliveries {

    private final Deliveries deliveries;

    FindDeliveries(Deliveries deliveries) {
        this.deliveries = deliveries;
    }

    /** Empty also for a job that does not exist, has no callback, or belongs to somebody else. */
    public Flux<Delivery> handle(String jobId, Caller caller) {
        return deliveries.ofJob(jobId).filter(delivery -> caller.maySee(delivery.tenant()));
    }
}
