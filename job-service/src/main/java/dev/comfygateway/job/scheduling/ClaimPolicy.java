package dev.comfygateway.job.scheduling;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.job.scheduling.Decision.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The order of a pool's waiting jobs: pure, for one moment.
 *
 * <p>Lanes say where to look, candidates are then compared one by one; both by the same rules.
 */
public final class ClaimPolicy {

    /** Lanes looked into first: fewer would seldom find warm models. More only when those have nothing for the worker. */
    private static final int FIRST_LANES = 4;

    private static final int MOST_LANES = 256;

    private static final int GIVEN_BACK = 0;

    private final SchedulingPolicy policy;
    private final SchedulingProperties settings;
    private final PoolLoad load;
    private final Instant now;

    public ClaimPolicy(SchedulingPolicy policy, SchedulingProperties settings, PoolLoad load) {
        this.policy = policy;
        this.settings = settings;
        this.load = load;
        this.now = load.now();
    }

    /**
     * A job to grant.
     *
     * @param candidate the job
     * @param passedOver jobs that were before it but for warm models
     * @param decision why
     */
    public record Choice(Candidate candidate, List<Candidate> passedOver, Decision decision) {
        public Choice {
            passedOver = List.copyOf(passedOver);
        }
    }

    /** Groups of lanes in the order in which they are to be looked into; lanes of paused tenants are left out. */
    public List<List<Lane>> groups(Collection<Lane> lanes) {
        List<Lane> open = lanes.stream()
                .filter(lane -> !load.pausedTenants().contains(lane.tenant()))
                .sorted(order(Lane::rank, Lane::since, Lane::tenant, Lane::submission))
                .toList();
        if (!policy.byTenant()) {
            // Tenants are not told apart: there is one lane per class, and only its rows can say which is first.
            return open.isEmpty() ? List.of() : List.of(open);
        }
        List<List<Lane>> groups = new ArrayList<>();
        int size = FIRST_LANES;
        for (int from = 0; from < open.size(); from += size, size = Math.min(MOST_LANES, size * FIRST_LANES)) {
            groups.add(open.subList(from, Math.min(open.size(), from + size)));
        }
        return groups;
    }

    /** The best of the candidates for a worker with those models loaded; empty when there are none. */
    public Optional<Choice> choose(Collection<Candidate> candidates, Set<String> warmModels) {
        List<Candidate> ordered = candidates.stream()
                .filter(candidate -> !load.pausedTenants().contains(candidate.tenant()))
                .sorted(order(Candidate::rank, Candidate::since, Candidate::tenant, Candidate::submission))
                .toList();
        if (ordered.isEmpty()) {
            return Optional.empty();
        }
        Candidate first = ordered.getFirst();
        if (first.rank() == GIVEN_BACK) {
            return Optional.of(new Choice(first, List.of(), decision(first, Reason.GIVEN_BACK)));
        }
        if (policy == SchedulingPolicy.FIFO
                || isWarm(first, warmModels)
                || first.models().isEmpty()) {
            return Optional.of(new Choice(first, List.of(), decision(first, Reason.NEXT)));
        }
        if (first.passedAt() != null && !now.isBefore(first.passedAt().plus(settings.affinityWait()))) {
            return Optional.of(new Choice(first, List.of(), decision(first, Reason.WAITED_FOR_WARM_MODELS)));
        }
        return ordered.stream()
                .filter(candidate -> isWarm(candidate, warmModels) && mayPass(candidate, first))
                .findFirst()
                .map(warm ->
                        new Choice(warm, ordered.subList(0, ordered.indexOf(warm)), decision(warm, Reason.WARM_MODELS)))
                .or(() -> Optional.of(new Choice(first, List.of(), decision(first, Reason.NEXT))));
    }

    private boolean mayPass(Candidate candidate, Candidate first) {
        return classOf(candidate.rank(), candidate.since()) == classOf(first.rank(), first.since())
                && share(candidate.tenant()) - share(first.tenant()) <= slack()
                && (policy != SchedulingPolicy.ROUND_ROBIN || candidate.tenant().equals(first.tenant()));
    }

    private static boolean isWarm(Candidate candidate, Set<String> warmModels) {
        return !candidate.models().isEmpty() && warmModels.containsAll(candidate.models());
    }

    /** The rank of the class a job counts as after so long a wait. Urgent stays for those who asked for it. */
    int classOf(int rank, Instant since) {
        if (rank <= Priority.HIGH.rank() || settings.ageing().isZero() || policy == SchedulingPolicy.FIFO) {
            return rank;
        }
        long classes = Math.max(0, Duration.between(since, now).dividedBy(settings.ageing()));
        int step = Priority.LOW.rank() - Priority.NORMAL.rank();
        return (int) Math.max(Priority.HIGH.rank(), rank - classes * step);
    }

    /** GPU seconds of the tenant by its weight; 0 where tenants do not matter. */
    double share(String tenant) {
        return policy == SchedulingPolicy.FAIR ? load.of(tenant).seconds() / settings.weightOf(tenant) : 0;
    }

    private double slack() {
        return policy == SchedulingPolicy.FAIR ? settings.affinitySlack().toMillis() / 1000.0 : 0;
    }

    private Instant turn(String tenant) {
        Instant granted =
                policy == SchedulingPolicy.ROUND_ROBIN ? load.of(tenant).grantedAt() : null;
        return granted == null ? Instant.MIN : granted;
    }

    private interface Property<T, R> {
        R of(T item);
    }

    private <T> Comparator<T> order(
            Property<T, Integer> rank,
            Property<T, Instant> since,
            Property<T, String> tenant,
            Property<T, Long> submission) {
        Comparator<T> givenBack = Comparator.comparing(item -> rank.of(item) != GIVEN_BACK);
        if (policy == SchedulingPolicy.FIFO) {
            return givenBack.thenComparingLong(submission::of);
        }
        return givenBack
                .thenComparingInt(item -> classOf(rank.of(item), since.of(item)))
                .thenComparingDouble(item -> share(tenant.of(item)))
                .thenComparing(item -> turn(tenant.of(item)))
                .thenComparingLong(submission::of);
    }

    private Decision decision(Candidate candidate, Reason reason) {
        return new Decision(
                policy,
                reason,
                candidate.rank() == GIVEN_BACK ? null : Priority.ofRank(classOf(candidate.rank(), candidate.since())),
                policy == SchedulingPolicy.FAIR ? share(candidate.tenant()) : null,
                Math.max(0, Duration.between(candidate.since(), now).toMillis()));
    }
}
