package dev.comfygateway.worker.backend;

import org.jspecify.annotations.Nullable;

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

    BackendStatus unreachable() {
        return new BackendStatus(false, simulated, version, device, vramTotalBytes, vramFreeBytes);
    }

    /** Whether an interrupt that names a prompt reaches only that prompt (since 0.3.57). Unknown versions count as old. */
    public boolean targetedInterrupt() {
        if (version == null) {
            return false;
        }
        String[] parts = version.split("[^0-9]+", -1);
        int[] numbers = new int[3];
        for (int i = 0; i < 3 && i < parts.length; i++) {
            if (parts[i].isEmpty() || parts[i].length() > 6) {
                break;
            }
            numbers[i] = Integer.parseInt(parts[i]);
        }
        return numbers[0] > 0 || numbers[1] > 3 || (numbers[1] == 3 && numbers[2] >= 57);
    }
}
