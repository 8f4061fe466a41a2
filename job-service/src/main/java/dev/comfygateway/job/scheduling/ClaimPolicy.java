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
import org.jspecify.annotations.Nullable;

/**
 * The order of a pool's waiting jobs: pure, for one moment.
 *
 * <p>Lanes say where to look, candidates are then compared one by one; both by the same rules.
 */
public final class ClaimPolicy {

    /** Lanes looked into at once; more would read rows for nothing, fewer would seldom find warm models. */
    private static final int LANES_AT_ONCE = 4;

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
     * @param passedOver the job that would have been next but for warm models, or null
     * @param decision why
     */
    public record Choice(Candidate candidate, @Nullable Candidate passedOver, Decision decision) {}

    /** Groups of lanes in the order in which they are to be looked into; lanes of paused tenants are left out. */
    public List<List<Lane>> groups(Collection<Lane> lanes) {
        List<Lane> open = lanes.stream()
                .filter(lane -> !load.pausedTenants().contains(lane.tenant()))
                .sorted(order(Lane::rank, Lane::queuedAt, Lane::tenant, Lane::submission))
                .toList();
        if (!policy.byTenant()) {
            // At most one lane per class is left, and only their rows can say which is first.
            return open.isEmpty() ? List.of() : List.of(open);
        }
        List<List<Lane>> groups = new ArrayList<>();
        for (Lane lane : open) {
            List<Lane> last = groups.isEmpty() ? List.of() : groups.getLast();
            if (!last.isEmpty()
                    && last.size() < LANES_AT_ONCE
                    && equal(
                            last.getFirst().rank(),
                            last.getFirst().queuedAt(),
                            last.getFirst().tenant(),
                            lane)) {
                last.add(lane);
            } else {
                groups.add(new ArrayList<>(List.of(lane)));
            }
        }
        return groups;
    }

    private boolean equal(int rank, Instant queuedAt, String tenant, Lane other) {
        return classOf(rank, queuedAt) == classOf(other.rank(), other.queuedAt())
                && Math.abs(share(tenant) - share(other.tenant())) <= slack();
    }

    /** The best of the candidates for a worker with those models loaded; empty when there are none. */
    public Optional<Choice> choose(Collection<Candidate> candidates, Set<String> warmModels) {
        List<Candidate> ordered = candidates.stream()
                .filter(candidate -> !load.pausedTenants().contains(candidate.tenant()))
                .sorted(order(Candidate::rank, Candidate::queuedAt, Candidate::tenant, Candidate::submission))
                .toList();
        if (ordered.isEmpty()) {
            return Optional.empty();
        }
        Candidate first = ordered.getFirst();
        if (first.rank() == GIVEN_BACK) {
            return Optional.of(new Choice(first, null, decision(first, Reason.GIVEN_BACK)));
        }
        if (policy == SchedulingPolicy.FIFO
                || isWarm(first, warmModels)
                || first.models().isEmpty()) {
            return Optional.of(new Choice(first, null, decision(first, Reason.NEXT)));
        }
        if (first.passedAt() != null && !now.isBefore(first.passedAt().plus(settings.affinityWait()))) {
            return Optional.of(new Choice(first, null, decision(first, Reason.WAITED_FOR_WARM_MODELS)));
        }
        return ordered.stream()
                .filter(candidate -> isWarm(candidate, warmModels) && mayPass(candidate, first))
                .findFirst()
                .map(warm -> new Choice(warm, first, decision(warm, Reason.WARM_MODELS)))
                .or(() -> Optional.of(new Choice(first, null, decision(first, Reason.NEXT))));
    }

    private boolean mayPass(Candidate candidate, Candidate first) {
        return classOf(candidate.rank(), candidate.queuedAt()) == classOf(first.rank(), first.queuedAt())
                && share(candidate.tenant()) - share(first.tenant()) <= slack()
                && (policy != SchedulingPolicy.ROUND_ROBIN || candidate.tenant().equals(first.tenant()));
    }

    private static boolean isWarm(Candidate candidate, Set<String> warmModels) {
        return !candidate.models().isEmpty() && warmModels.containsAll(candidate.models());
    }

    /** The rank of the class a job counts as after so long a wait. Urgent stays for those who asked for it. */
    int classOf(int rank, Instant queuedAt) {
        if (rank <= Priority.HIGH.rank() || settings.ageing().isZero() || policy == SchedulingPolicy.FIFO) {
            return rank;
        }
        long classes = Math.max(0, Duration.between(queuedAt, now).dividedBy(settings.ageing()));
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
            Property<T, Instant> queuedAt,
            Property<T, String> tenant,
            Property<T, Long> submission) {
        Comparator<T> givenBack = Comparator.comparing(item -> rank.of(item) != GIVEN_BACK);
        if (policy == SchedulingPolicy.FIFO) {
            return givenBack.thenComparingLong(submission::of);
        }
        return givenBack
                .thenComparingInt(item -> classOf(rank.of(item), queuedAt.of(item)))
                .thenComparingDouble(item -> share(tenant.of(item)))
                .thenComparing(item -> turn(tenant.of(item)))
                .thenComparingLong(submission::of);
    }

    private Decision decision(Candidate candidate, Reason reason) {
        return new Decision(
                policy,
                reason,
                candidate.rank() == GIVEN_BACK
                        ? null
                        : Priority.ofRank(classOf(candidate.rank(), candidate.queuedAt())),
                policy == SchedulingPolicy.FAIR ? share(candidate.tenant()) : null,
                Math.max(0, Duration.between(candidate.queuedAt(), now).toMillis()));
    }
}
