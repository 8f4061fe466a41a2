package dev.comfygateway.job.pool.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.pool.ReadPools;
import dev.comfygateway.job.pool.ReadPools.PoolView;
import dev.comfygateway.job.scheduling.Pauses;
import dev.comfygateway.job.scheduling.Pauses.Kind;
import dev.comfygateway.job.scheduling.Pauses.Pause;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Pools, and what operators pause. */
@RestController
class PoolController {

    private static final int LONGEST_TENANT = 200;

    private final ReadPools pools;
    private final Pauses pauses;

    PoolController(ReadPools pools, Pauses pauses) {
        this.pools = pools;
        this.pauses = pauses;
    }

    record PoolList(List<PoolView> pools) {}

    record PauseList(List<Pause> pauses) {}

    @GetMapping("/v1/pools")
    Mono<PoolList> all(Caller caller) {
        caller.requireClient();
        return pools.all().map(PoolList::new);
    }

    @GetMapping("/v1/pools/{pool}")
    Mono<PoolView> one(Caller caller, @PathVariable String pool) {
        caller.requireClient();
        existing(pool);
        return pools.all()
                .map(all -> all.stream()
                        .filter(view -> view.pool().equals(pool))
                        .findFirst()
                        .orElseThrow());
    }

    @PostMapping("/v1/pools/{pool}/pause")
    Mono<PoolView> pausePool(Caller caller, @PathVariable String pool) {
        caller.requireAdministrator();
        existing(pool);
        return pauses.pause(Kind.POOL, pool, caller.subject()).then(Mono.defer(() -> one(caller, pool)));
    }

    @PostMapping("/v1/pools/{pool}/resume")
    Mono<PoolView> resumePool(Caller caller, @PathVariable String pool) {
        caller.requireAdministrator();
        existing(pool);
        return pauses.resume(Kind.POOL, pool).then(Mono.defer(() -> one(caller, pool)));
    }

    @GetMapping("/v1/pauses")
    Mono<PauseList> pauses(Caller caller) {
        caller.requireAdministrator();
        return pauses.all().map(PauseList::new);
    }

    /** Any name: a tenant may be paused before it has sent its first job. */
    @PostMapping("/v1/tenants/{tenant}/pause")
    Mono<ResponseEntity<Void>> pauseTenant(Caller caller, @PathVariable String tenant) {
        caller.requireAdministrator();
        if (tenant.length() > LONGEST_TENANT || tenant.chars().anyMatch(Character::isISOControl)) {
            throw new ProblemException(ErrorCode.VALIDATION_ERROR, "No tenant has such a name");
        }
        return pauses.pause(Kind.TENANT, tenant, caller.subject())
                .thenReturn(ResponseEntity.noContent().build());
    }

    @PostMapping("/v1/tenants/{tenant}/resume")
    Mono<ResponseEntity<Void>> resumeTenant(Caller caller, @PathVariable String tenant) {
        caller.requireAdministrator();
        return pauses.resume(Kind.TENANT, tenant)
                .thenReturn(ResponseEntity.noContent().build());
    }

    private void existing(String pool) {
        if (!pools.exists(pool)) {
            throw new ProblemException(ErrorCode.POOL_NOT_FOUND, "There is no pool \"" + pool + "\"");
        }
    }
}
