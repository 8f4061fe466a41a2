package dev.comfygateway.systemtests;

import dev.comfygateway.testing.Proves;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The fault suite with leases as they are by default, absences of minutes, and an hour of random faults. */
@Tag("faults")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class LongFaultsIT {

    private static final Duration JOB = Duration.ofMinutes(5);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path data;

    private static FaultRig rig;
    private static FaultScenarios scenarios;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        rig = FaultRig.start(data, Duration.ofSeconds(30));
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
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.KAFKA, JOB, Duration.ZERO);
    }

    @Test
    void keepsTheAttemptWhileJobServiceIsAwayForFiveMinutes() throws Exception {
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.JOBS, JOB.plusSeconds(30), Duration.ofMinutes(5));
    }

    @Test
    void keepsTheAttemptThatEndsWhileJobServiceIsAway() throws Exception {
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.JOBS, Duration.ofSeconds(20), Duration.ofMinutes(1));
    }

    @Test
    void keepsTheAttemptWhilePostgresIsAwayForFiveMinutes() throws Exception {
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.POSTGRES, JOB.plusSeconds(30), Duration.ofMinutes(5));
    }

    @Test
    void keepsTheAttemptThatEndsWhilePostgresIsAway() throws Exception {
        scenarios.keepsTheAttemptWhileAPartIsAway(FaultRig.POSTGRES, Duration.ofSeconds(20), Duration.ofMinutes(1));
    }

    @Test
    void keepsTheAttemptWhileJobServiceStandsStillForTwoMinutes() throws Exception {
        scenarios.keepsTheAttemptWhileAPartStandsStill(FaultRig.JOBS, Duration.ofSeconds(150), Duration.ofMinutes(2));
    }

    @Test
    void keepsTheAttemptThatEndsWhileConsumersLagTwoMinutes() throws Exception {
        scenarios.keepsTheAttemptWhileConsumersLag(Duration.ofSeconds(20), Duration.ofMinutes(2));
    }

    @Test
    void keepsTheAttemptWhileConsumersLagTwoMinutes() throws Exception {
        scenarios.keepsTheAttemptWhileConsumersLag(Duration.ofSeconds(150), Duration.ofMinutes(2));
    }

    @Test
    void noticesALostWorkerAfterConsumersLostTheirPartitions() throws Exception {
        scenarios.keepsTheAttemptWhileConsumersLag(Duration.ofSeconds(10), Duration.ofMinutes(1));
        scenarios.fencesAWorkerThatStoodStill();
    }

    @Test
    @Proves("X-10")
    void fencesAWorkerThatStoodStillPastItsLease() {
        scenarios.fencesAWorkerThatStoodStill();
    }

    @Test
    @Proves("X-18")
    void takesJobsWithoutABrokerForAMinute() throws Exception {
        scenarios.takesJobsWithoutABroker(Duration.ofMinutes(1));
    }

    @Test
    @Proves("X-18")
    void refusesJobsWithoutADatabaseForAMinute() throws Exception {
        scenarios.refusesJobsWithoutADatabase(Duration.ofMinutes(1));
    }

    @Test
    void ignoresRepeatedRecordsOfEveryTopic() {
        scenarios.ignoresRepeatedRecords();
    }
}
