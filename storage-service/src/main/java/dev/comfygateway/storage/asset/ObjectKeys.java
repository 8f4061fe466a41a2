package dev.comfygateway.storage.asset;

/** Where bytes lie in the bucket. A key is never used twice for different bytes. */
public final class ObjectKeys {

    private ObjectKeys() {}

    public static String upload(String assetId, String cleanName) {
        return "assets/" + assetId + "/" + Filenames.forKey(cleanName);
    }

    /** The attempt is part of the key, so that a late attempt can never overwrite. */
    public static String output(String jobId, String attemptId, int index, String cleanName) {
        return "jobs/" + jobId + "/" + attemptId + "/" + index + "_" + Filenames.forKey(cleanName);
    }
}
