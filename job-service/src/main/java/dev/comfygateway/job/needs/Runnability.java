package dev.comfygateway.job.needs;

import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.job.needs.NeedsMatcher.Missing;
import dev.comfygateway.job.needs.PoolWorkers.Gpu;
import dev.comfygateway.job.needs.PoolWorkers.PoolWorker;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Says whether a pool has a worker for a graph. */
@Component
public class Runnability {

    private final PoolWorkers workers;

    Runnability(PoolWorkers workers) {
        this.workers = workers;
    }

    /** What the graph needs, by what the pool's workers say about their inputs. */
    public Needs needs(String pool, Map<String, Object> graph, @Nullable Integer vramMb, @Nullable String gpu) {
        return NeedsReader.read(
                graph,
                List.copyOf(workers.ofPool(pool).stream()
                        .map(PoolWorker::inventory)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toMap(WorkerInventory::hash, inventory -> inventory, (one, same) -> one))
                        .values()),
                vramMb,
                gpu);
    }

    /**
     * What the pool's nearest worker lacks. Empty when one of them lacks nothing, and also when there is none, or one that
     * has not told yet what it has: the job waits for it then.
     */
    public Optional<Missing> missing(String pool, Needs needs) {
        List<PoolWorker> known = workers.ofPool(pool);
        if (known.isEmpty() || known.stream().anyMatch(worker -> worker.inventory() == null)) {
            return Optional.empty();
        }
        return known.stream()
                .collect(Collectors.toMap(Kind::of, worker -> worker, (one, same) -> one))
                .values()
                .stream()
                .map(worker -> NeedsMatcher.missing(needs, worker.inventory(), worker.gpu()))
                .min(Comparator.comparingInt(Missing::count))
                .filter(missing -> !missing.nothing());
    }

    /** How many of the pool's workers that take work now could run it. */
    public int able(String pool, Needs needs) {
        Map<Kind, Boolean> able = new HashMap<>();
        return (int) workers.ofPool(pool).stream()
                .filter(PoolWorker::takesWork)
                .filter(worker -> able.computeIfAbsent(
                        Kind.of(worker),
                        kind -> NeedsMatcher.missing(needs, worker.inventory(), worker.gpu())
                                .nothing()))
                .count();
    }

    /** Workers that lack the same; matched once, as a fleet has few kinds. */
    private record Kind(@Nullable String inventoryHash, Gpu gpu) {
        static Kind of(PoolWorker worker) {
            return new Kind(
                    worker.inventory() == null ? null : worker.inventory().hash(), worker.gpu());
        }
    }
}
