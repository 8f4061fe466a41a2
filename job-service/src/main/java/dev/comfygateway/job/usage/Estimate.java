package dev.comfygateway.job.usage;

/**
 * How long something takes by experience.
 *
 * @param p50 seconds that half of the runs needed at most
 * @param p90 seconds that nine of ten runs needed at most
 * @param runs what it was learned from; 0 for a guess
 */
public record Estimate(double p50, double p90, int runs) {

    /** Standard deviations above the mean below which nine of ten values of a normal distribution are. */
    public static final double NINE_OF_TEN = 1.2816;

    /** Spread that is assumed until enough runs have shown theirs. */
    private static final double FIRST_DEVIATION = 0.5;

    private static final int ENOUGH = 5;

    /** Standard deviation in seconds, if the runs above the median were half of a normal distribution. */
    public double deviation() {
        return (p90 - p50) / NINE_OF_TEN;
    }

    static Estimate of(double logMean, double logVariance, int runs) {
        double deviation = Math.sqrt(Math.max(0, logVariance));
        if (runs < ENOUGH) {
            deviation = Math.max(deviation, FIRST_DEVIATION);
        }
        return new Estimate(Math.exp(logMean), Math.exp(logMean + NINE_OF_TEN * deviation), runs);
    }
}
