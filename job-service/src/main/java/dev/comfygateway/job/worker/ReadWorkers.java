package dev.comfygateway.job.worker;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.worker.WorkerDrains.Drain;
import dev.comfygateway.job.worker.WorkerRegistry.Registered;
import dev.comfygateway.job.worker.WorkerView.Details;
import dev.comfygateway.job.worker.WorkerView.RunningView;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Answers questions about workers, out of their heartbeats, the attempts they hold and the operators' drains. Fails when
 * the database is away.
 */
@Component
public class ReadWorkers {

    private final WorkerRegistry registry;
    private final WorkerDrains drains;
    private final DatabaseClient database;
    private final WorkerProperties properties;

    ReadWorkers(WorkerRegistry registry, WorkerDrains drains, DatabaseClient database, WorkerProperties properties) {
        this.registry = registry;
        this.drains = drains;
        this.database = database;
        this.properties = properties;
    }

    /** All that were seen lately, and those that are drained, by id. */
    public Mono<List<WorkerView>> list(Caller caller) {
        return drains.all().flatMap(drained -> views(known(drained), drained, caller));
    }

    /** Empty when there is no such worker in the list. */
    public Mono<WorkerView> one(String workerId, Caller caller) {
        return drains.all()
                .flatMap(drained -> views(
                        known(drained).stream()
                                .filter(worker -> worker.heartbeat().workerId().equals(workerId))
                                .toList(),
                        drained,
                        caller))
                .filter(found -> !found.isEmpty())
                .map(List::getFirst);
    }

    private List<Registered> known(Map<String, Drain> drained) {
        List<Registered> lately = registry.seenWithin(properties.listedFor());
        return Stream.concat(
                        lately.stream(),
                        drained.keySet().stream()
                                .flatMap(id -> registry.find(id).stream())
                                .filter(worker -> !lately.contains(worker)))
                .toList();
    }

    private Mono<List<WorkerView>> views(List<Registered> workers, Map<String, Drain> drained, Caller caller) {
        return running(workers, caller)
                .map(running -> workers.stream()
                        .map(worker -> {
                            String id = worker.heartbeat().workerId();
                            return view(
                                    worker,
                                    drained.get(id),
                                    List.copyOf(running.getOrDefault(id, List.of())),
                                    caller.role() == Role.ADMIN);
                        })
                        .toList());
    }

    private Mono<Map<String, Collection<RunningView>>> running(List<Registered> workers, Caller caller) {
        return database.sql("""
                        select a.worker_id, a.job_id, a.number, a.phase, a.granted_at, j.tenant
                        from jobs.attempt a join jobs.job j on j.id = a.job_id
                        where a.ended_at is null and a.worker_id = any(:workers) order by a.granted_at
                        """)
                .bind(
                        "workers",
                        workers.stream()
                                .map(worker -> worker.heartbeat().workerId())
                                .toArray(String[]::new))
                .map(row -> new Held(
                        Columns.text(row, "worker_id"),
                        Columns.text(row, "tenant"),
                        new RunningView(
                                Columns.text(row, "job_id"),
                                Columns.number(row, "number"),
                                Columns.text(row, "phase"),
                                Columns.time(row, "granted_at"))))
                .all()
                .filter(held -> caller.maySee(held.tenant()))
                .collectMultimap(Held::workerId, Held::running);
    }

    private record Held(String workerId, String tenant, RunningView running) {}

    private static WorkerView view(
            Registered worker, @Nullable Drain drain, List<RunningView> running, boolean everything) {
        WorkerHeartbeat said = worker.heartbeat();
        boolean works = worker.health().takesWork();
        return new WorkerView(
                said.workerId(),
                drain != null && works ? WorkerHealth.DRAINING : worker.health(),
                said.pool(),
                said.slots(),
                drain == null && works ? said.freePermits() : 0,
                said.simulated(),
                said.backendVersion(),
                said.device(),
                worker.lastSeen(),
                drain != null,
                running,
                everything
                        ? new Details(
                                said.instanceId(),
                                said.vramTotalBytes(),
                                said.vramFreeBytes(),
                                said.inventoryHash(),
                                drain == null ? null : drain.by(),
                                drain == null ? null : drain.at())
                        : null);
    }
}
