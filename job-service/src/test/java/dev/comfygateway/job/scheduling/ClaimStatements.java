package dev.comfygateway.job.scheduling;

/** The statements of a claim, for whoever wants to see how PostgreSQL runs them. */
public final class ClaimStatements {

    public static final String LOAD = LoadTable.LOAD;
    public static final String CANDIDATES = CandidateTable.OF_TENANTS;
    public static final String HEADS = QueueLanes.HEADS;

    private ClaimStatements() {}
}
