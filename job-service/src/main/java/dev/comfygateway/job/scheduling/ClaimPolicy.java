package dev.comfygateway.job.scheduling;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.job.scheduling.Decision.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Stream;

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
    private final long ageingMillis;

    public ClaimPolicy(SchedulingPolicy policy, SchedulingProperties settings, PoolLoad load) {
        this.policy = policy;
        this.settings = settings;
        this.load = load;
        this.now = load.now();
        this.ageingMillis = settings.ageing().toMillis();
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

    /**
     * Groups of lanes in the order in which they are to be looked into; lanes of paused tenants are left out. A group is
     * put together when it is asked for: of hundreds of lanes mostly the best four are.
     */
    public Stream<List<Lane>> groups(Collection<Lane> lanes) {
        Queue<Keyed<Lane>> open = new PriorityQueue<>(lanes.stream()
                .filter(lane -> !load.pausedTenants().contains(lane.tenant()))
                .map(lane -> key(lane, lane.rank(), lane.since(), lane.tenant(), lane.submission()))
                .toList());
        // Where tenants are not told apart there is one lane per class, and only its rows can say which is first.
        int first = policy.byTenant() ? FIRST_LANES : Integer.MAX_VALUE;
        return Stream.iterate(first, size -> Math.min(MOST_LANES, size * FIRST_LANES))
                .map(size -> best(open, size))
                .takeWhile(group -> !group.isEmpty());
    }

    private static <T> List<T> best(Queue<Keyed<T>> left, int most) {
        List<T> best = new ArrayList<>();
        while (best.size() < most && !left.isEmpty()) {
            best.add(left.remove().item());
        }
        return best;
    }

    /** The best of the candidates for a worker with those models loaded, then the second best and so on. */
    public List<Choice> choose(Collection<Candidate> candidates, Set<String> warmModels, int most) {
        List<Candidate> left = new ArrayList<>(ordered(candidates.stream()
                .filter(candidate -> !load.pausedTenants().contains(candidate.tenant()))
                .map(candidate -> key(
                        candidate, candidate.rank(), candidate.since(), candidate.tenant(), candidate.submission()))));
        List<Choice> choices = new ArrayList<>();
        while (!left.isEmpty() && choices.size() < most) {
            Choice choice = best(left, warmModels);
            choices.add(choice);
            left.remove(choice.candidate());
        }
        return choices;
    }

    private Choice best(List<Candidate> ordered, Set<String> warmModels) {
        Candidate first = ordered.getFirst();
        if (first.rank() == GIVEN_BACK) {
            return new Choice(first, List.of(), decision(first, Reason.GIVEN_BACK));
        }
        if (policy == SchedulingPolicy.FIFO
                || isWarm(first, warmModels)
                || first.models().isEmpty()) {
            return new Choice(first, List.of(), decision(first, Reason.NEXT));
        }
        if (first.passedAt() != null && !now.isBefore(first.passedAt().plus(settings.affinityWait()))) {
            return new Choice(first, List.of(), decision(first, Reason.WAITED_FOR_WARM_MODELS));
        }
        List<Candidate> passed = new ArrayList<>();
        for (Candidate candidate : ordered) {
            if (isWarm(candidate, warmModels) && mayPass(candidate, first)) {
                return new Choice(candidate, passed, decision(candidate, Reason.WARM_MODELS));
            }
            passed.add(candidate);
        }
        return new Choice(first, List.of(), decision(first, Reason.NEXT));
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
        if (rank <= Priority.HIGH.rank() || ageingMillis == 0 || policy == SchedulingPolicy.FIFO) {
            return rank;
        }
        // Not Duration.dividedBy, which reckons in decimals: this is asked for each of hundreds of lanes.
        long classes = Math.max(0, Duration.between(since, now).toMillis() / ageingMillis);
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

    /** What an item is compared by, worked out once: sorting asks for it again and again, for hundreds of lanes. */
    private record Keyed<T>(T item, boolean waitsItsTurn, int priority, double share, Instant turn, long submission)
            implements Comparable<Keyed<T>> {

        @Override
        public int compareTo(Keyed<T> other) {
            int order = Boolean.compare(waitsItsTurn, other.waitsItsTurn);
            order = order != 0 ? order : Integer.compare(priority, other.priority);
            order = order != 0 ? order : Double.compare(share, other.share);
            order = order != 0 ? order : turn.compareTo(other.turn);
            return order != 0 ? order : Long.compare(submission, other.submission);
        }
    }

    private <T> Keyed<T> key(T item, int rank, Instant since, String tenant, long submission) {
        boolean plain = policy == SchedulingPolicy.FIFO;
        return new Keyed<>(
                item,
                rank != GIVEN_BACK,
                plain ? 0 : classOf(rank, since),
                plain ? 0 : share(tenant),
                plain ? Instant.MIN : turn(tenant),
                submission);
    }

    private static <T> List<T> ordered(Stream<Keyed<T>> items) {
        return items.sorted().map(Keyed::item).toList();
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
