package dev.comfygateway.job.claim;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long attempts may be held.
 *
 * @param duration how long a lease lasts without renewal
 * @param cancelGrace how long a worker has to confirm a cancel
 * @param settling how long expired leases are not judged after the service, the database or a partition came back;
 *     normally one lease, in which every living worker has renewed
 * @param overtime how much longer than its total limit an attempt may be held before it is ended here; its worker ends
 *     it at the limit, unless it is stuck
 */
@ConfigurationProperties("comfy.job.lease")
public record LeaseProperties(
        @DefaultValue("30s") Duration duration,
        @DefaultValue("30s") Duration cancelGrace,
        @DefaultValue("30s") Duration settling,
        @DefaultValue("60s") Duration overtime) {}
