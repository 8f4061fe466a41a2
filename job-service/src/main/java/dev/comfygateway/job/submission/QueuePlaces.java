package dev.comfygateway.job.submission;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobState;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.needs.NeedsTable;
import dev.comfygateway.job.needs.PoolWorkers;
import dev.comfygateway.job.needs.PoolWorkers.PoolWorker;
import dev.comfygateway.job.needs.Runnability;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.job.scheduling.DepthTable;
import dev.comfygateway.job.scheduling.LaneDepth;
import dev.comfygateway.job.scheduling.LaneDepth.Spot;
import dev.comfygateway.job.scheduling.LoadTable;
import dev.comfygateway.job.scheduling.PoolLoad;
import dev.comfygateway.job.scheduling.QueueForecast;
import dev.comfygateway.job.scheduling.QueueForecast.Capacity;
import dev.comfygateway.job.scheduling.QueueForecast.Forecast;
import dev.comfygateway.job.scheduling.SchedulingProperties;
import dev.comfygateway.job.submission.QueueView.Reason;
import dev.comfygateway.job.submission.QueueView.Seconds;
import dev.comfygateway.job.usage.Estimate;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Tells waiting jobs their place in line, what they wait for, and when they will probably start and be done. */
@Component
class QueuePlaces {

    /** What a row must have besides the job; jobs before it are counted only while it waits. */
    static final String COLUMNS = """
            j.submission, j.submitted_by, j.needs_id, j.passed_at,
            j.estimate::double precision as estimate, j.deviation::double precision as deviation,
            case when j.status = 'queued' then (select count(*)::integer from (select 1 from jobs.job b
                where b.status = 'queued' and b.pool = j.pool and b.tenant = j.tenant
                    and b.queue_rank = j.queue_rank and b.submission + 0 < j.submission limit 1000) older) end as before""";

    /** Up to so many jobs before it in its lane are counted; more are estimated. */
    private static final int COUNTED = 1000;

    private final LoadTable loads;
    private final DepthTable depths;
    private final SchedulingProperties settings;
    private final PoolWorkers workers;
    private final Runnability runnability;
    private final NeedsTable needs;
    private final ParallelLimits limits;

    QueuePlaces(
            LoadTable loads,
            DepthTable depths,
            SchedulingProperties settings,
            PoolWorkers workers,
            Runnability runnability,
            NeedsTable needs,
            ParallelLimits limits) {
        this.loads = loads;
        this.depths = depths;
        this.settings = settings;
        this.workers = workers;
        this.runnability = runnability;
        this.needs = needs;
        this.limits = limits;
    }

    /** A job's row, as far as its place depends on it. */
    record Waiting(
            Spot spot,
            String key,
            @Nullable String needsId,
            @Nullable Instant passedAt,
            double estimate,
            double deviation) {

        /** Null when the job does not wait. */
        static @Nullable Waiting read(Readable row, Job job) {
            if (!(job.state() instanceof JobState.Queued queued)) {
                return null;
            }
            return new Waiting(
                    new Spot(
                            job.tenant(),
                            queued.firstInLine() ? 0 : job.priority().rank(),
                            job.createdAt(),
                            Columns.large(row, "submission"),
                            Columns.number(row, "before")),
                    Columns.text(row, "submitted_by"),
                    row.get("needs_id", String.class),
                    row.get("passed_at", Instant.class),
                    Columns.real(row, "estimate"),
                    Columns.real(row, "deviation"));
        }
    }

    /** The place of a waiting job; what others do is known to a second or two. */
    Mono<QueueView> of(Job job, Waiting waiting) {
        return Mono.zip(loads.recent(job.pool()), depths.of(job.pool()), able(job.pool(), waiting))
                .map(all -> view(job, waiting, all.getT1(), all.getT2(), all.getT3()));
    }

    /** When a job would be done that were submitted now; empty when nobody can know. */
    Mono<Seconds> ofNew(String pool, String tenant, Priority priority, Estimate estimate) {
        return Mono.zip(loads.recent(pool), depths.of(pool)).mapNotNull(both -> {
            PoolLoad load = both.getT1();
            int before = both.getT2().stream()
                    .filter(lane ->
                            lane.lane().tenant().equals(tenant) && lane.lane().rank() == priority.rank())
                    .mapToInt(LaneDepth::jobs)
                    .sum();
            Spot spot = new Spot(tenant, priority.rank(), load.now(), Long.MAX_VALUE, before);
            int slots = slots(pool);
            if (slots == 0 || load.paused() || load.pausedTenants().contains(tenant)) {
                return null;
            }
            Forecast forecast = forecast(pool, spot, load, both.getT2(), slots);
            return Seconds.of(forecast.waitP50() + estimate.p50(), forecast.waitP90() + estimate.p90());
        });
    }

    private int slots(String pool) {
        return workers.ofPool(pool).stream()
                .filter(PoolWorker::takesWork)
                .mapToInt(PoolWorker::slots)
                .sum();
    }

    private Forecast forecast(String pool, Spot spot, PoolLoad load, List<LaneDepth> lanes, int slots) {
        return new QueueForecast(settings.policyOf(pool), settings, load)
                .forecast(spot, lanes, new Capacity(Math.max(1, slots), load.running(), load.runningSeconds()));
    }

    private Mono<Boolean> able(String pool, Waiting waiting) {
        String id = waiting.needsId();
        return id == null
                ? Mono.just(true)
                : needs.find(Set.of(id))
                        .map(found -> found.get(id) == null || runnability.able(pool, found.get(id)) > 0);
    }

    private QueueView view(Job job, Waiting waiting, PoolLoad load, List<LaneDepth> lanes, boolean able) {
        int slots = slots(job.pool());
        Spot spot = waiting.spot().before() < COUNTED ? waiting.spot() : estimated(waiting.spot(), lanes);
        Forecast forecast = forecast(job.pool(), spot, load, lanes, slots);
        Reason reason = reason(job, waiting, load, slots > 0, able);
        // A promise about what an operator or a new worker decides would be a guess.
        boolean foreseeable = slots > 0 && able && reason != Reason.POOL_PAUSED && reason != Reason.TENANT_PAUSED;
        Seconds wait = foreseeable ? Seconds.of(forecast.waitP50(), forecast.waitP90()) : null;
        Seconds done = foreseeable
                ? Seconds.of(
                        forecast.waitP50() + waiting.estimate(),
                        forecast.waitP90() + waiting.estimate() + Estimate.NINE_OF_TEN * waiting.deviation())
                : null;
        return new QueueView(forecast.ahead() + 1, wait, done, reason);
    }

    private static Spot estimated(Spot spot, List<LaneDepth> lanes) {
        return lanes.stream()
                .filter(lane -> lane.lane().tenant().equals(spot.tenant())
                        && lane.lane().rank() == spot.rank())
                .findFirst()
                .map(lane -> spot.behind(Math.max(spot.before(), (int) lane.olderThan(spot.submission()))))
                .orElse(spot);
    }

    private Reason reason(Job job, Waiting waiting, PoolLoad load, boolean workersThere, boolean able) {
        if (load.paused()) {
            return Reason.POOL_PAUSED;
        }
        if (load.pausedTenants().contains(job.tenant())) {
            return Reason.TENANT_PAUSED;
        }
        if (job.state() instanceof JobState.Queued(Instant notBefore, boolean _) && notBefore.isAfter(load.now())) {
            return Reason.PAUSE_BEFORE_RETRY;
        }
        if (limits.full(load.runningByKey()).contains(waiting.key())) {
            return Reason.PARALLEL_QUOTA;
        }
        if (!workersThere) {
            return Reason.NO_WORKER;
        }
        if (!able) {
            return Reason.NO_ABLE_WORKER;
        }
        return waiting.passedAt() == null ? Reason.IN_LINE : Reason.PASSED_OVER_FOR_WARM_MODELS;
    }
}
