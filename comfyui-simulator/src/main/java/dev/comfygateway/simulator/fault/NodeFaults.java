package dev.comfygateway.simulator.fault;

import dev.comfygateway.simulator.node.NodeFailure;

/** How nodes fail. */
final class NodeFaults {

    private NodeFaults() {}

    /** The two ways in which a lack of memory shows: torch's own exception, and CUDA's plain text. */
    static NodeFailure outOfMemory(String coat) {
        return coat.equals("runtime")
                ? new NodeFailure(
                        "RuntimeError",
                        "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported at some other"
                                + " API call, so the stacktrace below might be incorrect.")
                : new NodeFailure(
                        "torch.OutOfMemoryError",
                        "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 23.99 GiB of"
                                + " which 1.20 GiB is free.");
    }

    /** The usual message has what tenants must not see: a path of the server and numbers of a tensor. */
    static NodeFailure error(Fault fault) {
        return new NodeFailure(
                fault.text("type", "RuntimeError"),
                fault.text(
                        "message",
                        "Error while processing /opt/comfyui/models/checkpoints/private.safetensors:"
                                + " tensor([[[0.1176, 0.3412], [0.9961, 0.0000]]], device='cuda:0')"));
    }
}
