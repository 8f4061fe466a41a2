package dev.comfygateway.storage.asset;

import java.util.Locale;

/** How far an asset has come. Only ready ones are ever shown. */
public enum AssetState {
    /** Announced; its bytes are not verified. */
    PENDING,
    /** Stored and verified. */
    READY,
    /** Deleted, or the output of an attempt that did not win. */
    DISCARDED;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
