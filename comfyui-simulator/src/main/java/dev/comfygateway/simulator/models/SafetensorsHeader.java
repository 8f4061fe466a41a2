package dev.comfygateway.simulator.models;

import dev.comfygateway.simulator.graph.Json;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/** The JSON at the start of a safetensors file. */
public final class SafetensorsHeader {

    private static final long LONGEST = 8 * 1024 * 1024;

    private SafetensorsHeader() {}

    /** What the file says about itself, or null when it says nothing. */
    public static @Nullable ObjectNode metadata(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            if (Files.size(file) < Long.BYTES) {
                return null;
            }
            long length = Long.reverseBytes(in.readLong());
            if (length <= 0 || length > LONGEST) {
                return null;
            }
            return Json.parse(in.readNBytes((int) length)).get("__metadata__") instanceof ObjectNode metadata
                    ? metadata
                    : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
