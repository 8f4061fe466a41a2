package dev.comfygateway.job.claim;

import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.job.needs.Needs;
import dev.comfygateway.job.needs.NeedsMatcher;
import dev.comfygateway.job.needs.NeedsTable;
import dev.comfygateway.job.needs.PoolWorkers;
import dev.comfygateway.job.needs.PoolWorkers.Gpu;
import dev.comfygateway.job.scheduling.SchedulingProperties;
import dev.comfygateway.job.scheduling.WorkerFit;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/**
 * What claiming workers can run. Needs that a kind of worker was found not to meet are remembered, so that a queue full
 * of them is not read again for each of its claims. Thread safe.
 */
@Component
class ClaimingWorkers {

    private static final int KINDS = 200;
    private static final int UNMET = 1_000;

    private final NeedsTable needs;
    private final PoolWorkers workers;
    private final DataSize vramMargin;
    private final Map<Kind, Set<String>> unmetByKind = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Kind, Set<String>> eldest) {
            return size() > KINDS;
        }
    };

    ClaimingWorkers(NeedsTable needs, PoolWorkers workers, SchedulingProperties settings) {
        this.needs = needs;
        this.workers = workers;
        this.vramMargin = settings.vramMargin();
    }

    /** Workers that meet the same needs. */
    private record Kind(@Nullable String inventoryHash, Gpu gpu) {}

    WorkerFit fit(ClaimRequest request) {
        Kind kind = new Kind(request.inventoryHash(), workers.gpu(request.workerId()));
        Set<String> warm = Set.copyOf(request.warmModels());
        boolean others = workers.ofPool(request.pool()).stream()
                .anyMatch(worker -> worker.takesWork() && !worker.workerId().equals(request.workerId()));
        return new WorkerFit() {
            @Override
            public String workerId() {
                return request.workerId();
            }

            @Override
            public String avoided() {
                return others ? request.workerId() : "";
            }

            @Override
            public Object kind() {
                return List.of(kind, avoided());
            }

            @Override
            public Set<String> warmModels() {
                return warm;
            }

            @Override
            public Set<String> unmet() {
                synchronized (unmetByKind) {
                    return Set.copyOf(unmetByKind.getOrDefault(kind, Set.of()));
                }
            }

            @Override
            public Mono<Set<String>> unmet(Collection<String> needsIds) {
                return needsIds.isEmpty()
                        ? Mono.just(Set.of())
                        : needs.find(needsIds).map(found -> remember(kind, unmetOf(kind, found)));
            }
        };
    }

    /** Whether a job needs more memory than is free now; false when either is not known. */
    boolean mustFreeMemory(ClaimRequest request, @Nullable Integer vramMb) {
        return vramMb != null
                && request.freeVramBytes() != null
                && DataSize.ofMegabytes(vramMb).toBytes() + vramMargin.toBytes() > request.freeVramBytes();
    }

    private Set<String> unmetOf(Kind kind, Map<String, Needs> found) {
        WorkerInventory inventory =
                kind.inventoryHash() == null ? null : workers.inventory(Objects.requireNonNull(kind.inventoryHash()));
        return found.entrySet().stream()
                .filter(entry -> !NeedsMatcher.missing(entry.getValue(), inventory, kind.gpu())
                        .nothing())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private Set<String> remember(Kind kind, Set<String> unmet) {
        if (!unmet.isEmpty()) {
            synchronized (unmetByKind) {
                Set<String> all = unmetByKind.computeIfAbsent(kind, key -> new HashSet<>());
                if (all.size() < UNMET) {
                    all.addAll(unmet);
                }
            }
        }
        return unmet;
    }
}
