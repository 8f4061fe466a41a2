package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.job.scheduling.CandidateTable.Without;
import dev.comfygateway.job.scheduling.ClaimPolicy.Choice;
import dev.comfygateway.job.transaction.WriteSet;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds and locks the best waiting job of a pool for one worker, in the caller's transaction. */
@Component
public class NextJob {

    /** Rounds in one group of lanes; more than one only when others claim at the same time, or needs are not met. */
    private static final int MOST_ROUNDS = 50;

    private final LoadTable loads;
    private final QueueLanes lanes;
    private final CandidateTable candidates;
    private final ParallelLimits limits;
    private final JobTable jobs;
    private final SchedulingProperties settings;

    NextJob(
            LoadTable loads,
            QueueLanes lanes,
            CandidateTable candidates,
            ParallelLimits limits,
            JobTable jobs,
            SchedulingProperties settings) {
        this.loads = loads;
        this.lanes = lanes;
        this.candidates = candidates;
        this.limits = limits;
        this.jobs = jobs;
        this.settings = settings;
    }

    /** The answer of a look into the queue. */
    public sealed interface Found {}

    /** A job, locked. */
    public record Job(JobTable.Next next, Choice choice) implements Found {}

    /** None, and why. */
    public record Nothing(String reason) implements Found {}

    /** What one look knows. */
    private final class Search {
        private final String pool;
        private final String claimId;
        private final WorkerFit worker;
        private final ClaimPolicy policy;
        private final PoolLoad load;
        private final boolean byTenant;
        private final Set<String> unmet;
        private final Set<String> fullKeys;
        private final Set<String> tried = new HashSet<>();

        Search(String pool, String claimId, WorkerFit worker, PoolLoad load) {
            SchedulingPolicy kind = settings.policyOf(pool);
            this.pool = pool;
            this.claimId = claimId;
            this.worker = worker;
            this.load = load;
            this.policy = new ClaimPolicy(kind, settings, load);
            this.byTenant = kind.byTenant();
            this.unmet = new HashSet<>(worker.unmet());
            this.fullKeys = new HashSet<>(limits.full(load.runningByKey()));
        }

        Mono<Job> in(Collection<Lane> known) {
            return Flux.fromIterable(policy.groups(known))
                    .concatMap(group -> round(group, 1), 1)
                    .next();
        }

        private Mono<Job> round(List<Lane> group, int number) {
            Without without = new Without(unmet, fullKeys, load.pausedTenants(), worker.avoided(), tried);
            return candidates.first(pool, group, byTenant, without).flatMap(found -> {
                if (found.isEmpty()) {
                    // With anything left out, the lane may well have jobs for another worker.
                    if (byTenant && unmet.isEmpty() && fullKeys.isEmpty() && tried.isEmpty()) {
                        group.forEach(lane -> lanes.empty(pool, lane));
                    }
                    return Mono.empty();
                }
                return runnable(found)
                        .flatMap(runnable -> best(runnable, found))
                        .switchIfEmpty(
                                Mono.defer(() -> number < MOST_ROUNDS ? round(group, number + 1) : Mono.<Job>empty()));
            });
        }

        private Mono<List<Candidate>> runnable(List<Candidate> found) {
            Set<String> needs = found.stream()
                    .map(Candidate::needsId)
                    .filter(Objects::nonNull)
                    .collect(Collectors.toSet());
            return worker.unmet(needs).map(missing -> {
                unmet.addAll(missing);
                return found.stream()
                        .filter(candidate -> candidate.needsId() == null || !missing.contains(candidate.needsId()))
                        .toList();
            });
        }

        private Mono<Job> best(List<Candidate> left, List<Candidate> found) {
            Optional<Choice> choice = policy.choose(left, worker.warmModels());
            if (choice.isEmpty()) {
                return Mono.empty();
            }
            Candidate candidate = choice.get().candidate();
            return jobs.lockQueued(candidate.id(), claimId)
                    .filterWhen(locked -> allowed(candidate.submittedBy()))
                    .map(locked -> new Job(locked, choice.get()))
                    .doOnNext(taken -> moveOn(candidate, found))
                    .switchIfEmpty(Mono.defer(() -> {
                        tried.add(candidate.id());
                        return best(
                                left.stream()
                                        .filter(other ->
                                                !other.equals(candidate) && !fullKeys.contains(other.submittedBy()))
                                        .toList(),
                                found);
                    }));
        }

        private Mono<Boolean> allowed(String key) {
            return limits.allows(key).doOnNext(allowed -> {
                if (!allowed) {
                    fullKeys.add(key);
                }
            });
        }

        private void moveOn(Candidate taken, List<Candidate> found) {
            List<Candidate> lane = found.stream()
                    .filter(other -> other.tenant().equals(taken.tenant()) && other.rank() == taken.rank())
                    .toList();
            if (!byTenant || !lane.getFirst().equals(taken)) {
                return;
            }
            if (lane.size() > 1) {
                Candidate next = lane.get(1);
                lanes.moveOn(pool, new Lane(next.tenant(), next.rank(), next.queuedAt(), next.submission()));
            }
        }
    }

    /** What a grant of the job changes besides the job itself. */
    public void note(WriteSet writes, Job found, String pool, Instant now) {
        Candidate passed = found.choice().passedOver();
        if (passed != null && passed.passedAt() == null) {
            // Only in passing: whoever holds that row just now decides about it anyway.
            writes.add("""
                            update jobs.job set passed_at = :now where id in (
                                select id from jobs.job where id = :passed and status = 'queued' and passed_at is null
                                for update skip locked)
                            """).bind("now", now).bind("passed", passed.id());
        }
        if (settings.policyOf(pool) == SchedulingPolicy.ROUND_ROBIN) {
            loads.turn(writes, pool, found.choice().candidate().tenant(), now);
        }
    }

    /** Locks the best job; nothing is changed yet. */
    public Mono<Found> find(String pool, String claimId, WorkerFit worker) {
        return loads.of(pool).flatMap(load -> {
            if (load.paused()) {
                return Mono.just(new Nothing("POOL_PAUSED"));
            }
            Search search = new Search(pool, claimId, worker, load);
            return search.in(lanes.known(pool))
                    .switchIfEmpty(Mono.defer(() -> lanes.read(pool).flatMap(search::in)))
                    .cast(Found.class)
                    .defaultIfEmpty(new Nothing(search.unmet.isEmpty() ? "QUEUE_EMPTY" : "NOTHING_RUNNABLE"));
        });
    }
}
