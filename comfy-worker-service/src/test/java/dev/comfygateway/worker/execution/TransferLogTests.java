package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class TransferLogTests {

    @Test
    @Proves("S2-5")
    void saysHowManyBytesWereFetchedAndStoredForWhichJob(CapturedOutput log) throws InterruptedException {
        try (FakeComfyUi comfy = new FakeComfyUi();
                TestAttempts attempts = new TestAttempts(TestBackends.of(comfy.url()))) {
            JobOutput output =
                    attempts.produce("a", Graphs.saved(1, Graphs.canvas(2))).getFirst();

            assertThat(log.getOut().lines().filter(line -> line.contains("Output downloaded")))
                    .singleElement()
                    .satisfies(line ->
                            assertThat(line).contains("job_1", "bytes=\"" + output.size() + "\"", output.filename()));
            assertThat(log.getOut().lines().filter(line -> line.contains("Output uploaded")))
                    .singleElement()
                    .satisfies(line ->
                            assertThat(line).contains("job_1", "bytes=\"" + output.size() + "\"", output.assetId()));
        }
    }
}
