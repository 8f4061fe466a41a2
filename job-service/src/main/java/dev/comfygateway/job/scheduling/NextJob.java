package dev.comfygateway.job.scheduling;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.job.scheduling.CandidateTable.Without;
import dev.comfygateway.job.scheduling.ClaimPolicy.Choice;
import dev.comfygateway.job.scheduling.FruitlessLooks.Look;
import dev.comfygateway.job.transaction.WriteSet;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds the best waiting job of a pool for one worker and has it granted. */
@Component
public class NextJob {

    private static final String NOTHING_FOR_IT = "NOTHING_RUNNABLE";

    /** Jobs of which the first free one is granted: with many claims at once, the best go to others. */
    private static final int AT_ONCE = 8;

    /** Rounds in one group of lanes; more than one only when others claim at the same time, or needs are not met. */
    private static final int MOST_ROUNDS = 50;

    private final LoadTable loads;
    private final QueueLanes lanes;
    private final CandidateTable candidates;
    private final ParallelLimits limits;
    private final FruitlessLooks looks = new FruitlessLooks();
    private final Reservations reservations = new Reservations();
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

    /** A job as it was a moment ago, and why it is the best. */
    public record Job(JobTable.QueuedJob next, Choice choice) {}

    /** What one look knows. */
    private final class Search {
        private final String pool;
        private final String claimId;
        private final WorkerFit worker;
        private final Function<Job, Mono<ClaimAnswer>> grant;
        private final ClaimPolicy policy;
        private final PoolLoad load;
        private final boolean byTenant;
        private final Set<String> unmet;
        private final Set<String> fullKeys;
        private final Set<String> tried = new HashSet<>();

        Search(String pool, String claimId, WorkerFit worker, Function<Job, Mono<ClaimAnswer>> grant, PoolLoad load) {
            SchedulingPolicy kind = settings.policyOf(pool);
            this.pool = pool;
            this.claimId = claimId;
            this.worker = worker;
            this.grant = grant;
            this.load = load;
            this.policy = new ClaimPolicy(kind, settings, load);
            this.byTenant = kind.byTenant();
            this.unmet = new HashSet<>(worker.unmet());
            this.fullKeys = new HashSet<>(limits.full(load.runningByKey()));
        }

        Mono<ClaimAnswer> in(Collection<Lane> known) {
            return Flux.fromStream(policy.groups(known))
                    .concatMap(group -> round(group, 1), 1)
                    .next();
        }

        private Mono<ClaimAnswer> round(List<Lane> group, int number) {
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

        /** Grants the first of the best that nobody else has or is being given. */
        private Mono<ClaimAnswer> best(List<Candidate> left, List<Candidate> found) {
            List<Choice> choices = policy.choose(left, worker.warmModels(), AT_ONCE);
            if (choices.isEmpty()) {
                return Mono.empty();
            }
            return Flux.fromIterable(choices)
                    .concatMap(choice -> granted(choice, found), 1)
                    .next()
                    .switchIfEmpty(Mono.defer(
                            () -> best(left.stream().filter(this::isLeft).toList(), found)));
        }

        private boolean isLeft(Candidate candidate) {
            return !tried.contains(candidate.id()) && !fullKeys.contains(candidate.submittedBy());
        }

        private Mono<ClaimAnswer> granted(Choice choice, List<Candidate> found) {
            Candidate candidate = choice.candidate();
            if (!isLeft(candidate)) {
                return Mono.empty();
            }
            String key = candidate.submittedBy();
            Mono<ClaimAnswer> whileReserved = jobs.queued(candidate.id())
                    .flatMap(next -> grant.apply(new Job(next, choice)))
                    .doOnNext(answer -> moveOn(candidate, found));
            return reservations
                    .during(
                            candidate.id(),
                            claimId,
                            limits.within(key, claimId, whileReserved, () -> fullKeys.add(key)))
                    .switchIfEmpty(Mono.fromRunnable(() -> {
                        if (!fullKeys.contains(key)) {
                            // It is somebody else's.
                            tried.add(candidate.id());
                        }
                    }));
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

    /**
     * Has the best job granted.
     *
     * @param grant gives the job to the worker; empty if it is not as it was read any more
     * @return its answer, or that there is nothing and why
     */
    public Mono<ClaimAnswer> grant(
            String pool, String claimId, WorkerFit worker, Function<Job, Mono<ClaimAnswer>> grant) {
        return loads.of(pool).flatMap(load -> {
            if (load.drainedWorkers().contains(worker.workerId())) {
                return Mono.just(ClaimAnswer.nothing("WORKER_DRAINING"));
            }
            if (load.paused()) {
                return Mono.just(ClaimAnswer.nothing("POOL_PAUSED"));
            }
            Search search = new Search(pool, claimId, worker, grant, load);
            Look look = new Look(pool, worker.kind(), Set.copyOf(search.fullKeys), load.pausedTenants());
            long version = lanes.version(pool);
            if (looks.foundNothing(look, version)) {
                return Mono.just(ClaimAnswer.nothing(NOTHING_FOR_IT));
            }
            return lanes.current(pool)
                    .flatMap(search::in)
                    .switchIfEmpty(Mono.defer(() -> again(search, look, version)));
        });
    }

    /** Once more with the lanes as they are now, before anybody is told that there is nothing. */
    private Mono<ClaimAnswer> again(Search search, Look look, long version) {
        return lanes.read(look.pool())
                .flatMap(now -> now.isEmpty()
                        ? Mono.just(ClaimAnswer.nothing("QUEUE_EMPTY"))
                        : search.in(now).switchIfEmpty(Mono.fromSupplier(() -> {
                            // Not when others were in the way just now: their jobs may be free again.
                            if (search.tried.isEmpty() && search.fullKeys.equals(look.fullKeys())) {
                                looks.remember(look, version);
                            }
                            return ClaimAnswer.nothing(NOTHING_FOR_IT);
                        })));
    }
}
