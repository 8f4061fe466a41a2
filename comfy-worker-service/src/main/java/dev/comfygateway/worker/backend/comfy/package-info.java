/** ComfyUI's HTTP and WebSocket protocol. */
@NullMarked
package dev.comfygateway.worker.backend.comfy;

import org.jspecify.annotations.NullMarked;
