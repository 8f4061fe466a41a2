package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.job.scheduling.CandidateTable.Without;
import dev.comfygateway.job.scheduling.ClaimPolicy.Choice;
import dev.comfygateway.job.scheduling.FruitlessLooks.Look;
import dev.comfygateway.job.transaction.WriteSet;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds and locks the best waiting job of a pool for one worker, in the caller's transaction. */
@Component
public class NextJob {

    private static final String NOTHING_FOR_IT = "NOTHING_RUNNABLE";

    /** Jobs of which the first free one is locked: with many claims at once, the best are held by others. */
    private static final int AT_ONCE = 8;

    /** Rounds in one group of lanes; more than one only when others claim at the same time, or needs are not met. */
    private static final int MOST_ROUNDS = 50;

    private final LoadTable loads;
    private final QueueLanes lanes;
    private final CandidateTable candidates;
    private final ParallelLimits limits;
    private final FruitlessLooks looks = new FruitlessLooks();
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
            return candidates
                    .first(pool, group, byTenant, without)
                    .flatMap(found -> found.isEmpty()
                            ? Mono.empty()
                            : runnable(found)
                                    .flatMap(runnable -> best(runnable, found))
                                    .switchIfEmpty(Mono.defer(
                                            () -> number < MOST_ROUNDS ? round(group, number + 1) : Mono.empty())));
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

        /** The first of the best that nobody else holds just now. */
        private Mono<Job> best(List<Candidate> left, List<Candidate> found) {
            Map<String, Choice> choices = preferred(left);
            if (choices.isEmpty()) {
                return Mono.empty();
            }
            int full = fullKeys.size();
            return jobs.lockQueued(List.copyOf(choices.keySet()), claimId)
                    .flatMap(locked -> taken(locked, choices, found))
                    .switchIfEmpty(Mono.defer(() -> {
                        if (fullKeys.size() == full) {
                            // Others hold all of them.
                            tried.addAll(choices.keySet());
                        }
                        return best(
                                left.stream()
                                        .filter(other ->
                                                !tried.contains(other.id()) && !fullKeys.contains(other.submittedBy()))
                                        .toList(),
                                found);
                    }));
        }

        private Map<String, Choice> preferred(List<Candidate> left) {
            Map<String, Choice> choices = new LinkedHashMap<>();
            policy.choose(left, worker.warmModels(), AT_ONCE)
                    .forEach(choice -> choices.put(choice.candidate().id(), choice));
            return choices;
        }

        private Mono<Job> taken(JobTable.Next locked, Map<String, Choice> choices, List<Candidate> found) {
            Choice choice =
                    Objects.requireNonNull(choices.get(locked.locked().job().id()));
            return allowed(choice.candidate().submittedBy())
                    .filter(allowed -> allowed)
                    .map(allowed -> {
                        moveOn(choice.candidate(), found);
                        return new Job(locked, choice);
                    });
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
                lanes.moveOn(pool, new Lane(next.tenant(), next.rank(), next.since(), next.submission()));
            }
        }
    }

    /** What a grant of the job changes besides the job itself. */
    public void note(WriteSet writes, Job found, String pool, Instant now) {
        String[] passed = found.choice().passedOver().stream()
                .filter(candidate -> candidate.passedAt() == null)
                .map(Candidate::id)
                .toArray(String[]::new);
        if (passed.length > 0) {
            // Only in passing: whoever holds one of these rows just now decides about it anyway.
            writes.add("""
                            update jobs.job set passed_at = :now where id in (
                                select id from jobs.job where id = any(:passed) and status = 'queued'
                                    and passed_at is null
                                for update skip locked)
                            """).bind("now", now).bind("passed", passed);
        }
        if (settings.policyOf(pool) == SchedulingPolicy.ROUND_ROBIN) {
            loads.turn(writes, pool, found.choice().candidate().tenant(), now);
        }
    }

    /** Locks the best job; nothing is changed yet. */
    public Mono<Found> find(String pool, String claimId, WorkerFit worker) {
        return loads.of(pool).flatMap(load -> {
            if (load.drainedWorkers().contains(worker.workerId())) {
                return Mono.just(new Nothing("WORKER_DRAINING"));
            }
            if (load.paused()) {
                return Mono.just(new Nothing("POOL_PAUSED"));
            }
            Search search = new Search(pool, claimId, worker, load);
            Look look = new Look(pool, worker.kind(), Set.copyOf(search.fullKeys), load.pausedTenants());
            long version = lanes.version(pool);
            if (looks.foundNothing(look, version)) {
                return Mono.just(new Nothing(NOTHING_FOR_IT));
            }
            return lanes.current(pool)
                    .flatMap(search::in)
                    .cast(Found.class)
                    .switchIfEmpty(Mono.defer(() -> again(search, look, version)));
        });
    }

    /** Once more with the lanes as they are now, before anybody is told that there is nothing. */
    private Mono<Found> again(Search search, Look look, long version) {
        return lanes.read(look.pool())
                .flatMap(now -> now.isEmpty()
                        ? Mono.just(new Nothing("QUEUE_EMPTY"))
                        : search.in(now).cast(Found.class).switchIfEmpty(Mono.fromSupplier(() -> {
                            // Not when others were in the way just now: their jobs may be free again.
                            if (search.tried.isEmpty() && search.fullKeys.equals(look.fullKeys())) {
                                looks.remember(look, version);
                            }
                            return new Nothing(NOTHING_FOR_IT);
                        })));
    }
}
