package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Another process of the service over the same database and broker. */
class ReplicaTests extends JobServiceScenario {

    private static final int JOBS = 120;

    /** At each replica; more than its pool has connections. */
    private static final int AT_ONCE = 30;

    @Test
    @Proves({"S0-72", "S2-58"})
    void goesOnWithWhatAnotherOneBegan() {
        int here = port;
        String running;
        String waiting;
        String expiring;
        String canceling;
        Grant grant;
        try (ConfigurableApplicationContext other = start()) {
            port = other.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            running = id(submit(graph(""), "once", 202));
            grant = granted(claim("c1"));
            canceling = id(submit(graph(""), null, 202));
            granted(claim("c2"));
            assertThat(cancel(canceling)).isEqualTo("canceling");
            waiting = id(submit(graph(""), null, 202));
            expiring = id(submit(graph(",\"limits\":{\"waitingSeconds\":2}"), null, 202));
        }
        port = here;

        assertThat(id(submit(graph(""), "once", 202)))
                .as("the same request again")
                .isEqualTo(running);
        assertThat(granted(claim("c1")).attemptId()).as("the same claim again").isEqualTo(grant.attemptId());
        assertThat(renew("i1", List.of(grant.attemptId())).renewed()).containsExactly(grant.attemptId());
        report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(running, "succeeded");
        awaitStatus(canceling, "canceled");
        awaitStatus(expiring, "expired");
        Grant next = granted(claim("c3"));
        assertThat(next.jobId()).isEqualTo(waiting);
        report(new AttemptSucceeded(ref(next), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(waiting, "succeeded");
    }

    @Test
    void grantsEachJobOnceHoweverManyAskBothReplicas() {
        for (int i = 0; i < JOBS; i++) {
            submit(graph(""), null, 202);
        }
        int here = port;
        try (ConfigurableApplicationContext other = start()) {
            int there = other.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            Map<String, Set<String>> attempts = new ConcurrentHashMap<>();
            Map<String, String> claims = new ConcurrentHashMap<>();
            for (int round = 0; claims.size() < JOBS; round++) {
                assertThat(round)
                        .as("rounds until all %d jobs are granted", JOBS)
                        .isLessThan(JOBS);
                List<CompletableFuture<Void>> asked = new ArrayList<>();
                for (int i = 0; i < 2 * AT_ONCE; i++) {
                    // Each claim at both, and at both at once.
                    String claimId = "c" + round + "-" + i / 2;
                    int asks = i % 2 == 0 ? here : there;
                    asked.add(atOnce(() -> {
                        Grant grant = claim(asks, pool, claimId).grant();
                        if (grant != null) {
                            attempts.computeIfAbsent(grant.jobId(), id -> ConcurrentHashMap.newKeySet())
                                    .add(grant.attemptId());
                            claims.merge(grant.jobId(), claimId, (one, another) -> one.equals(another) ? one : "two");
                        }
                        return null;
                    }));
                }
                asked.forEach(CompletableFuture::join);
            }

            assertThat(attempts.values())
                    .as("attempts of each job")
                    .allSatisfy(of -> assertThat(of).hasSize(1));
            assertThat(claims.values())
                    .as("claim of each job")
                    .doesNotHaveDuplicates()
                    .doesNotContain("two");
        }
    }

    private ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(JobServiceApplication.class)
                .run(
                        "--server.port=0",
                        "--spring.r2dbc.url=r2dbc:postgresql://" + servers.database(),
                        "--spring.r2dbc.username=" + servers.user(),
                        "--spring.r2dbc.password=" + servers.password(),
                        "--spring.flyway.url=jdbc:postgresql://" + servers.database(),
                        "--spring.flyway.user=" + servers.user(),
                        "--spring.flyway.password=" + servers.password(),
                        "--spring.kafka.bootstrap-servers=" + servers.brokers(),
                        "--comfy.edge.internal-secret=a-secret-for-these-tests",
                        "--comfy.job.submission.pools=" + pool);
    }
}
