package dev.comfygateway.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Follows a job to its end. */
@Command(name = "watch", description = "Follow a job to its end.", mixinStandardHelpOptions = true)
final class WatchCommand implements Callable<Integer> {

    @Mixin
    private ClientOptions options = new ClientOptions();

    @Parameters(paramLabel = "JOB", description = "Id of the job.")
    private String job = "";

    @Override
    public Integer call() throws InterruptedException {
        return watch(options.client(), job);
    }

    /** Shows a bar, then where the outputs are; 0 when the job succeeded. */
    static int watch(GatewayClient client, String job) throws InterruptedException {
        if (!job.matches("[A-Za-z0-9_-]+")) {
            throw new CommandFailure("'" + job + "' is not a job id");
        }
        ProgressBar bar = ProgressBar.onStandardOutput();
        JsonNode end = client.follow(job, bar::accept);
        for (JsonNode output : end.path("outputs")) {
            System.out.println("  " + output.path("filename").asString("") + "  " + client.base()
                    + output.path("contentUrl").asString(""));
        }
        if (!end.path("status").asString("").equals("succeeded")) {
            JsonNode error = end.path("error");
            System.out.println("  " + error.path("code").asString("") + " "
                    + error.path("message").asString(""));
            return 2;
        }
        return 0;
    }
}
