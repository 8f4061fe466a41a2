package dev.comfygateway.worker.output;

import dev.comfygateway.worker.backend.comfy.OutputFile;

/**
 * An output that was downloaded whole and is what it says it is.
 *
 * @param source where ComfyUI keeps it
 * @param file its bytes
 * @param contentType found from the bytes
 */
public record FetchedOutput(OutputFile source, SpooledFile file, String contentType) {}
