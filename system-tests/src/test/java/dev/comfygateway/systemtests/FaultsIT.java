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
import org.junit.jupiter.api.io.TempDir;

/** What every build tries of {@link LongFaultsIT}, with shorter leases. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class FaultsIT {

    @TempDir
    static Path data;

    private static FaultRig rig;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        rig = FaultRig.start(data, Duration.ofSeconds(12));
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
}
