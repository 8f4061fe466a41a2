package dev.comfygateway.job.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.job.scheduling.ClaimPolicy.Choice;
import dev.comfygateway.job.scheduling.Decision.Reason;
import dev.comfygateway.job.scheduling.PoolLoad.TenantLoad;
import dev.comfygateway.testing.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class ClaimPolicyTests {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final int GIVEN_BACK = 0;

    private final Map<String, TenantLoad> tenants = new HashMap<>();
    private Map<String, Double> weights = Map.of();
    private Set<String> pausedTenants = Set.of();
    private long submissions;

    @Test
    @Proves({"S1-43", "S4-36"})
    void takesHigherClassesFirstAndWithinOneTheOlder() {
        Candidate low = job("a", Priority.LOW);
        Candidate first = job("a", Priority.NORMAL);
        Candidate second = job("a", Priority.NORMAL);
        Candidate high = job("a", Priority.HIGH);
        Candidate urgent = job("a", Priority.URGENT);

        assertThat(order(SchedulingPolicy.PRIORITY, low, first, second, high, urgent))
                .containsExactly(urgent, high, first, second, low);
    }

    @Test
    @Proves("S1-42")
    void keepsNoClassesWhereTheFirstComesFirst() {
        Candidate low = job("a", Priority.LOW);
        Candidate urgent = job("b", Priority.URGENT);
        Candidate back = givenBack("c");

        assertThat(order(SchedulingPolicy.FIFO, low, urgent, back)).containsExactly(back, low, urgent);
    }

    @Test
    void letsALongWaitCountAsAHigherClassButNeverAsUrgent() {
        Candidate old = job("a", Priority.LOW.rank(), Duration.ofMinutes(25), List.of(), null);
        Candidate normal = job("a", Priority.NORMAL);
        Candidate high = job("a", Priority.HIGH);
        Candidate ancient = job("a", Priority.LOW.rank(), Duration.ofDays(9), List.of(), null);
        Candidate urgent = job("a", Priority.URGENT);

        assertThat(order(SchedulingPolicy.PRIORITY, normal, old)).containsExactly(old, normal);
        assertThat(order(SchedulingPolicy.PRIORITY, high, old)).containsExactly(old, high);
        assertThat(order(SchedulingPolicy.PRIORITY, high, ancient, urgent)).startsWith(urgent);
        assertThat(policy(SchedulingPolicy.PRIORITY)
                        .choose(List.of(old), Set.of(), 1)
                        .getFirst()
                        .decision()
                        .countedAs())
                .isEqualTo(Priority.HIGH);
    }

    @Test
    void prefersTheTenantThatUsedLessForItsWeight() {
        tenants.put("heavy", new TenantLoad(100, 50, null));
        tenants.put("light", new TenantLoad(60, 0, null));
        Candidate heavy = job("heavy", Priority.NORMAL);
        Candidate light = job("light", Priority.NORMAL);
        assertThat(order(SchedulingPolicy.FAIR, heavy, light)).containsExactly(light, heavy);

        weights = Map.of("heavy", 5.0);
        assertThat(order(SchedulingPolicy.FAIR, heavy, light)).containsExactly(heavy, light);
    }

    @Test
    void putsTheClassBeforeTheShare() {
        tenants.put("heavy", new TenantLoad(1000, 0, null));
        Candidate light = job("light", Priority.NORMAL);
        Candidate heavy = job("heavy", Priority.HIGH);

        assertThat(order(SchedulingPolicy.FAIR, light, heavy)).containsExactly(heavy, light);
    }

    @Test
    @Proves("S1-42")
    void givesTenantsTheirTurns() {
        tenants.put("a", new TenantLoad(0, 0, NOW.minusSeconds(1)));
        tenants.put("b", new TenantLoad(900, 0, NOW.minusSeconds(5)));
        Candidate a = job("a", Priority.NORMAL);
        Candidate b = job("b", Priority.NORMAL);
        Candidate never = job("c", Priority.NORMAL);

        assertThat(order(SchedulingPolicy.ROUND_ROBIN, a, b, never)).containsExactly(never, b, a);
    }

    @Test
    void grantsWhatAWorkerGaveBackBeforeEverythingElse() {
        tenants.put("a", new TenantLoad(1000, 0, null));
        Candidate urgent = job("b", Priority.URGENT);
        Candidate back = givenBack("a");

        Choice choice = policy(SchedulingPolicy.FAIR)
                .choose(List.of(urgent, back), Set.of(), 1)
                .getFirst();
        assertThat(choice.candidate()).isEqualTo(back);
        assertThat(choice.decision().reason()).isEqualTo(Reason.GIVEN_BACK);
        assertThat(choice.decision().countedAs()).isNull();
    }

    @Test
    @Proves("S0-51")
    void prefersWarmModelsAmongEquals() {
        Candidate cold = job("a", Priority.NORMAL.rank(), Duration.ofMinutes(1), List.of("sdxl"), null);
        Candidate warm = job("b", Priority.NORMAL.rank(), Duration.ofSeconds(5), List.of("flux"), null);

        Choice choice = policy(SchedulingPolicy.FAIR)
                .choose(List.of(cold, warm), Set.of("flux", "vae"), 1)
                .getFirst();
        assertThat(choice.candidate()).isEqualTo(warm);
        assertThat(choice.passedOver()).containsExactly(cold);
        assertThat(choice.decision().reason()).isEqualTo(Reason.WARM_MODELS);
    }

    @Test
    void passesAJobOverForWarmModelsOnlySoLong() {
        Candidate cold = job("a", Priority.NORMAL.rank(), Duration.ofMinutes(5), List.of("sdxl"), NOW.minusSeconds(31));
        Candidate warm = job("a", Priority.NORMAL.rank(), Duration.ofSeconds(5), List.of("flux"), null);

        Choice choice = policy(SchedulingPolicy.FAIR)
                .choose(List.of(cold, warm), Set.of("flux"), 1)
                .getFirst();
        assertThat(choice.candidate()).isEqualTo(cold);
        assertThat(choice.decision().reason()).isEqualTo(Reason.WAITED_FOR_WARM_MODELS);
    }

    @Test
    void doesNotLetWarmModelsPassAnotherClassOrAMuchSmallerShare() {
        tenants.put("heavy", new TenantLoad(500, 0, null));
        Candidate cold = job("light", Priority.NORMAL.rank(), Duration.ofMinutes(1), List.of("sdxl"), null);
        Candidate warmOfHeavy = job("heavy", Priority.NORMAL.rank(), Duration.ofMinutes(1), List.of("flux"), null);
        Candidate warmButLow = job("light", Priority.LOW.rank(), Duration.ofMinutes(1), List.of("flux"), null);

        assertThat(choose(SchedulingPolicy.FAIR, Set.of("flux"), cold, warmOfHeavy, warmButLow))
                .isEqualTo(cold);
    }

    @Test
    void keepsTheOrderOfSubmissionsWhateverIsLoadedWhereTheFirstComesFirst() {
        Candidate cold = job("a", Priority.NORMAL.rank(), Duration.ofMinutes(1), List.of("sdxl"), null);
        Candidate warm = job("a", Priority.NORMAL.rank(), Duration.ofMinutes(1), List.of("flux"), null);

        assertThat(choose(SchedulingPolicy.FIFO, Set.of("flux"), cold, warm)).isEqualTo(cold);
    }

    @Test
    void leavesPausedTenantsOut() {
        pausedTenants = Set.of("a");
        Candidate paused = job("a", Priority.URGENT);
        Candidate open = job("b", Priority.LOW);

        assertThat(order(SchedulingPolicy.FAIR, paused, open)).containsExactly(open);
        assertThat(policy(SchedulingPolicy.FAIR).groups(List.of(lane("a", 5), lane("b", 30))))
                .containsExactly(List.of(lane("b", 30)));
    }

    @Test
    void looksIntoLanesInTheirOrderFirstIntoFewAndThenIntoMore() {
        tenants.put("c", new TenantLoad(20, 0, null));
        tenants.put("d", new TenantLoad(500, 0, null));
        List<Lane> lanes =
                new ArrayList<>(List.of(lane("d", 20), lane("c", 20), lane("a", 30), lane("b", 20), lane("a", 20)));
        for (int i = 0; i < 30; i++) {
            lanes.add(lane("z" + i, 30));
        }
        List<List<Lane>> groups = policy(SchedulingPolicy.FAIR).groups(lanes).toList();

        assertThat(groups.getFirst()).containsExactly(lane("b", 20), lane("a", 20), lane("c", 20), lane("d", 20));
        assertThat(groups).extracting(List::size).containsExactly(4, 16, 15);
        assertThat(groups.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(lanes);
    }

    private Lane lane(String tenant, int rank) {
        return new Lane(tenant, rank, NOW, tenant.equals("b") ? 1 : 2);
    }

    private Candidate job(String tenant, Priority priority) {
        return job(tenant, priority.rank(), Duration.ofSeconds(10), List.of(), null);
    }

    private Candidate givenBack(String tenant) {
        return job(tenant, GIVEN_BACK, Duration.ZERO, List.of(), null);
    }

    private Candidate job(String tenant, int rank, Duration waited, List<String> models, @Nullable Instant passedAt) {
        long number = ++submissions;
        return new Candidate("j" + number, tenant, "key", rank, number, NOW.minus(waited), null, models, passedAt);
    }

    private ClaimPolicy policy(SchedulingPolicy kind) {
        SchedulingProperties settings = new SchedulingProperties(
                kind,
                Map.of(),
                Duration.ofMinutes(10),
                weights,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                DataSize.ofGigabytes(2),
                0);
        return new ClaimPolicy(kind, settings, new PoolLoad(NOW, tenants, Map.of(), 0, false, pausedTenants, Set.of()));
    }

    private Candidate choose(SchedulingPolicy kind, Set<String> warm, Candidate... candidates) {
        return policy(kind)
                .choose(Arrays.asList(candidates), warm, 1)
                .getFirst()
                .candidate();
    }

    /** What is chosen one after the other. */
    private List<Candidate> order(SchedulingPolicy kind, Candidate... candidates) {
        List<Candidate> taken = policy(kind).choose(Arrays.asList(candidates), Set.of(), candidates.length).stream()
                .map(Choice::candidate)
                .toList();
        return taken;
    }
}
