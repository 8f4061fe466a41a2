package dev.comfygateway.systemtests;

import dev.comfygateway.testing.Proves;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@link OneJobIT} does with 2,000 jobs, with so many that it takes a quarter of an hour on two processors. */
@Tag("load")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class LoadIT {

    @TempDir
    Path data;

    @Test
    @Proves("X-1")
    void endsTenThousandNearInstantJobsOfSixtyFourClients() throws Exception {
        try (Stack stack = Stack.start(data, Map.of())) {
            ManyJobs jobs = ManyJobs.run(stack, 10_000, 64, Duration.ofMinutes(50));
            System.out.println(jobs);
            jobs.assertEachEndedOnceWithItsBytes();
        }
    }
}
