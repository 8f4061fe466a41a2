package dev.comfygateway.job.transaction;

/**
 * What transactions of this service exclude one another about, beside rows: PostgreSQL's advisory locks, held to the end
 * of the transaction. Each kind has a number of its own, which the name of what is locked is hashed with; every replica
 * must use the same, also during an update.
 */
public enum AdvisoryLock {
    /** The submissions of one API key. */
    SUBMISSIONS_OF_KEY(71),
    /** Everything that is granted under one claim id. */
    CLAIM(72),
    /** What claims decide about one API key. */
    CLAIMS_OF_KEY(73),
    /** Offering what waits in one pool. */
    OFFERS_OF_POOL(74);

    private final int seed;

    AdvisoryLock(int seed) {
        this.seed = seed;
    }

    /** An SQL expression that waits for the lock on what the named parameter says; it has no value. */
    public String take(String parameter) {
        return "pg_advisory_xact_lock(" + hash(parameter) + ")";
    }

    /** An SQL expression that takes the lock if it is free; false when another transaction has it. */
    public String tryTake(String parameter) {
        return "pg_try_advisory_xact_lock(" + hash(parameter) + ")";
    }

    private String hash(String parameter) {
        return "hashtextextended(:" + parameter + ", " + seed + ")";
    }
}
