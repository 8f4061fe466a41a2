package dev.comfygateway.simulator;

/** Which ComfyUI release the simulator speaks like. */
public enum Dialect {
    /** Release 0.33.0. */
    NEW("0.33.0"),
    /** Release 0.3.64: no jobs, no creation times, any prompt id, other error bodies. */
    OLD("0.3.64");

    private final String version;

    Dialect(String version) {
        this.version = version;
    }

    /** The release as {@code system_stats} tells it. */
    public String version() {
        return version;
    }

    /** Whether this is the older of the two. */
    public boolean isOld() {
        return this == OLD;
    }
}
