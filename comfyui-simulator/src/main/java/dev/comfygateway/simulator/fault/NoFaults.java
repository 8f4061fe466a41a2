package dev.comfygateway.simulator.fault;

import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** The server behaves. */
@Component
@ConditionalOnProperty(name = "comfy.simulator.faults", havingValue = "false", matchIfMissing = true)
final class NoFaults implements FaultHooks {}
