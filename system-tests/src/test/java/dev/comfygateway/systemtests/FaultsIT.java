package dev.comfygateway.systemtests;

import dev.comfygateway.testing.Proves;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What every build tries of {@link LongFaultsIT}, with shorter leases and jobs. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FaultsIT {

    private static final Duration LEASE = Duration.ofSeconds(12);
    private static final Duration PAST_LEASE = LEASE.plusSeconds(4);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path data;

    private static FaultRig rig;
    private static FaultScenarios scenarios;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        rig = FaultRig.start(data, LEASE);
        scenarios = new FaultScenarios(rig);
    }

    @AfterAll
    static void stop() throws IOException {
        rig.close();
    }

    @Test
    @Proves("X-5")
    void losesNoJobAndEndsNoneTwiceWhateverFails() throws Exception {
        FaultMix.run(rig, FaultSettings.seed(), FaultSettings.time());
    }

    @Test
    void keepsAttemptAndPromptOverABrokerRestart() throws Exception {
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.KAFKA, Duration.ofSeconds(10), Duration.ZERO);
    }

    @Test
    void keepsTheAttemptWhileJobServiceIsAwayForLongerThanTheLease() throws Exception {
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.JOBS, PAST_LEASE.plusSeconds(10), PAST_LEASE);
    }

    @Test
    void keepsTheAttemptWhileJobServiceStandsStillForLongerThanTheLease() throws Exception {
        scenarios.keepsTheAttemptWhileAPartStandsStill(FaultRig.JOBS, PAST_LEASE.plusSeconds(6), PAST_LEASE);
    }

    @Test
    @Proves("X-10")
    void fencesAWorkerThatStoodStillPastItsLease() {
        scenarios.fencesAWorkerThatStoodStill();
    }
}
