package dev.comfygateway.storage.asset;

import java.util.Locale;

/** Where an asset comes from. */
public enum AssetKind {
    /** A client uploaded it. */
    INPUT,
    /** A job made it. */
    OUTPUT;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
