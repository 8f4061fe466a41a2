package dev.comfygateway.simulator.fault.control;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of scripted faults.
 *
 * @param faults whether faults can be asked for at all
 * @param startDelay how long after its start the server answers 503; only if faults are on
 */
@ConfigurationProperties("comfy.simulator")
record FaultProperties(
        @DefaultValue("false") boolean faults,
        @DefaultValue("0ms") Duration startDelay) {}
