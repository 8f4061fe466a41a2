package dev.comfygateway.worker.backend.comfy;

/**
 * A file on the ComfyUI server, named by a history entry.
 *
 * @param nodeId node that made it
 * @param filename base name
 * @param subfolder below the root of its type, or empty
 * @param type {@code output} or {@code temp}
 */
public record OutputFile(String nodeId, String filename, String subfolder, String type) {

    public boolean temporary() {
        return type.equals("temp");
    }
}
