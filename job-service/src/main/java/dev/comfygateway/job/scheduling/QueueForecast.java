package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.scheduling.LaneDepth.Spot;
import dev.comfygateway.job.usage.Estimate;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Foretells when a waiting job starts, by the rules of {@link ClaimPolicy}, if nothing is submitted meanwhile and every
 * worker can run every job. Pure.
 */
public final class QueueForecast {

    private final SchedulingPolicy policy;
    private final ClaimPolicy rules;
    private final SchedulingProperties settings;
    private final PoolLoad load;

    public QueueForecast(SchedulingPolicy policy, SchedulingProperties settings, PoolLoad load) {
        this.policy = policy;
        this.rules = new ClaimPolicy(policy, settings, load);
        this.settings = settings;
        this.load = load;
    }

    /**
     * What a pool can do, and does.
     *
     * @param slots attempts it can run at the same time, at least 1
     * @param running attempts that run now
     * @param runningSeconds the sum of their estimates
     */
    public record Capacity(int slots, int running, double runningSeconds) {}

    /**
     * What is expected.
     *
     * @param ahead jobs that will be granted before it
     * @param waitP50 seconds until it starts, with even odds
     * @param waitP90 seconds until it starts, in nine of ten cases
     */
    public record Forecast(int ahead, double waitP50, double waitP90) {}

    /** The forecast for the job at the spot; its own lane is among all that waits in the pool. */
    public Forecast forecast(Spot mine, Collection<LaneDepth> all, Capacity capacity) {
        double secondsPerJob = all.stream()
                .filter(lane -> isOwn(mine, lane))
                .mapToDouble(LaneDepth::secondsPerJob)
                .findFirst()
                .orElse(0);
        Map<String, Double> charged = charged(mine, all);
        double jobs = 0;
        double seconds = 0;
        double variance = 0;
        for (LaneDepth lane : all) {
            double before = isOwn(mine, lane) ? mine.before() : before(mine, secondsPerJob, lane, charged);
            jobs += before;
            seconds += before * lane.secondsPerJob();
            variance += before * lane.variancePerJob();
        }
        int ahead = (int) Math.round(jobs);
        if (ahead < capacity.slots() - capacity.running()) {
            return new Forecast(ahead, 0, 0);
        }
        // On the average, half of what runs is done.
        double work = seconds + capacity.runningSeconds() / 2;
        double left = capacity.running() == 0 ? 0 : Math.pow(capacity.runningSeconds(), 2) / capacity.running() / 12;
        double spread = Estimate.NINE_OF_TEN * Math.sqrt(variance + left);
        return new Forecast(ahead, work / capacity.slots(), (work + spread) / capacity.slots());
    }

    /** What the jobs of higher classes will have charged their tenants with when the turn of this class comes. */
    private Map<String, Double> charged(Spot mine, Collection<LaneDepth> all) {
        int classOfMine = rules.classOf(mine.rank(), mine.since());
        return all.stream()
                .filter(lane -> rules.classOf(lane.lane().rank(), lane.lane().since()) < classOfMine)
                .collect(Collectors.groupingBy(
                        lane -> lane.lane().tenant(), Collectors.summingDouble(LaneDepth::seconds)));
    }

    private static boolean isOwn(Spot mine, LaneDepth lane) {
        return lane.lane().tenant().equals(mine.tenant()) && lane.lane().rank() == mine.rank();
    }

    /** How many jobs of another lane are taken before this one. */
    private double before(Spot mine, double secondsPerJob, LaneDepth other, Map<String, Double> charged) {
        Lane lane = other.lane();
        if (load.pausedTenants().contains(lane.tenant())) {
            return 0;
        }
        int classOfMine = rules.classOf(mine.rank(), mine.since());
        int classOfOther = rules.classOf(lane.rank(), lane.since());
        boolean givenBack = mine.rank() == 0 || lane.rank() == 0;
        if (classOfMine != classOfOther && (givenBack || policy != SchedulingPolicy.FIFO)) {
            return classOfOther < classOfMine ? other.jobs() : 0;
        }
        if (!policy.byTenant() || lane.tenant().equals(mine.tenant())) {
            return other.olderThan(mine.submission());
        }
        if (policy == SchedulingPolicy.ROUND_ROBIN) {
            return Math.min(other.jobs(), mine.before() + (lane.submission() < mine.submission() ? 1 : 0));
        }
        // The share of its tenant when its turn comes: those before it are charged by then.
        double share = rules.share(mine.tenant())
                + (charged.getOrDefault(mine.tenant(), 0.0) + mine.before() * secondsPerJob)
                        / settings.weightOf(mine.tenant());
        double room = share
                - rules.share(lane.tenant())
                - charged.getOrDefault(lane.tenant(), 0.0) / settings.weightOf(lane.tenant());
        double perJob = Math.max(1e-3, other.secondsPerJob()) / settings.weightOf(lane.tenant());
        double taken = room < 0 ? 0 : Math.ceil(room / perJob);
        boolean sameShare = room >= 0 && taken * perJob <= room;
        return Math.min(other.jobs(), taken + (sameShare && lane.submission() < mine.submission() ? 1 : 0));
    }
}
