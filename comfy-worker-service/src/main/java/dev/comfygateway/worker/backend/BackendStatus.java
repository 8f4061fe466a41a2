package dev.comfygateway.worker.backend;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the last probes of a backend found.
 *
 * @param reachable whether it answers
 * @param simulated whether it says that it is the simulator
 * @param version its version, or null while unknown
 * @param device name of its GPU, or null while unknown
 * @param vramTotalBytes or null while unknown
 * @param vramFreeBytes or null while unknown
 */
public record BackendStatus(
        boolean reachable,
        boolean simulated,
        @Nullable String version,
        @Nullable String device,
        @Nullable Long vramTotalBytes,
        @Nullable Long vramFreeBytes) {

    static final BackendStatus UNKNOWN = new BackendStatus(false, false, null, null, null, null);

    /** Reads what {@code /system_stats} says. */
    static BackendStatus read(JsonNode stats) {
        JsonNode system = stats.path("system");
        JsonNode device = stats.path("devices").path(0);
        return new BackendStatus(
                true,
                system.path("simulator").asBoolean(false),
                text(system.path("comfyui_version")),
                text(device.path("name")),
                number(device.path("vram_total")),
                number(device.path("vram_free")));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isString() ? node.asString() : null;
    }

    private static @Nullable Long number(JsonNode node) {
        return node.isNumber() ? Long.valueOf(node.asLong()) : null;
    }

    BackendStatus unreachable() {
        return new BackendStatus(false, simulated, version, device, vramTotalBytes, vramFreeBytes);
    }

    /** Whether an interrupt that names a prompt reaches only that prompt. Unknown versions count as old. */
    public boolean targetedInterrupt() {
        return isAtLeast(0, 3, 57);
    }

    /** Whether a waiting or running prompt can be canceled in one step. Unknown versions count as old. */
    public boolean atomicCancel() {
        return isAtLeast(0, 25, 1);
    }

    private boolean isAtLeast(int... wanted) {
        if (version == null) {
            return false;
        }
        String[] parts = version.split("[^0-9]+", -1);
        for (int i = 0; i < wanted.length; i++) {
            boolean known = i < parts.length && !parts[i].isEmpty() && parts[i].length() <= 6;
            int part = known ? Integer.parseInt(parts[i]) : 0;
            if (part != wanted[i]) {
                return part > wanted[i];
            }
        }
        return true;
    }
}
