package dev.comfygateway.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Starts everything, makes one image, and says what to try next. */
@Command(
        name = "demo",
        description = "Start everything on this machine, make one image, and stay up.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Mixin
    private StackOptions stack = new StackOptions();

    @Option(names = "--once", description = "Stop everything after the image.")
    private boolean once;

    @Option(names = "--prompt", defaultValue = "a lighthouse on a cliff at dusk, oil painting")
    private String prompt = "";

    @Option(names = "--seed", defaultValue = "-1", description = "-1 takes a random one.")
    private long seed = -1;

    @Option(names = "--width", defaultValue = "512")
    private int width;

    @Option(names = "--height", defaultValue = "512")
    private int height;

    @Option(names = "--steps", defaultValue = "20")
    private int steps;

    @Option(names = "--out", paramLabel = "DIR", defaultValue = "out", description = "Folder of the image (./out).")
    private Path out = Path.of("out");

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (StackProcess process = stack.start(true)) {
            JsonNode state = process.awaitReady();
            GatewayClient client = new GatewayClient(state.path("gatewayUrl").asString(""), firstKey());
            boolean made = makeImage(client);
            if (once || !made) {
                return made ? 0 : 2;
            }
            whatNext(client);
            return process.awaitEnd();
        }
    }

    private boolean makeImage(GatewayClient client) throws IOException, InterruptedException {
        JsonNode worker = awaitWorker(client);
        boolean simulated = worker.path("simulated").asBoolean(false);
        // A real server may have none of the demo's model files; this workflow needs none.
        String workflow = simulated ? "demo" : "invert";
        JsonNode job = client.post("/v1/jobs", body(workflow));
        String id = job.path("jobId").asString("");
        System.out.println("Job " + id + ", workflow " + workflow);
        ProgressBar bar = ProgressBar.onStandardOutput();
        JsonNode end = client.follow(id, bar::accept);
        JsonNode output = end.path("outputs").path(0);
        if (!end.path("status").asString("").equals("succeeded") || output.isMissingNode()) {
            JsonNode error = end.path("error");
            System.err.println("comfygw: the job ended as " + end.path("status").asString("unknown") + ": "
                    + error.path("code").asString("") + " "
                    + error.path("message").asString(""));
            return false;
        }
        String link = output.path("contentUrl").asString("");
        SavedImage image = SavedImage.save(
                client.bytes(link), out, id, output.path("filename").asString("output.png"));
        String version = worker.path("backendVersion").asString("");
        System.out.println("Image    " + image.file().toAbsolutePath().normalize());
        System.out.println("Size     " + image.bytes() + " bytes"
                + (image.pixels() == null ? "" : ", " + image.pixels() + " pixels"));
        System.out.println("SHA-256  " + image.sha256());
        System.out.println("Link     " + client.base() + link);
        System.out.println("Made by  "
                + (simulated
                        ? "the built-in simulator: a drawn stand-in, not a diffusion model"
                        : "a real ComfyUI server")
                + (version.isEmpty() ? "" : " (version " + version + ")"));
        String expected = output.path("sha256").asString("");
        if (!expected.isEmpty() && !expected.equals(image.sha256())) {
            System.err.println("comfygw: the image differs from what was stored, whose SHA-256 is " + expected);
            return false;
        }
        return true;
    }

    private ObjectNode body(String workflow) {
        ObjectNode body = JSON.createObjectNode().put("workflowId", workflow);
        ObjectNode inputs = body.putObject("inputs");
        inputs.put("width", width).put("height", height);
        if (workflow.equals("demo")) {
            inputs.put("prompt", prompt).put("seed", seed).put("steps", steps);
        }
        return body;
    }

    /** The first worker whose ComfyUI answers; its first heartbeat may take some seconds. */
    private static JsonNode awaitWorker(GatewayClient client) throws InterruptedException {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (System.nanoTime() < deadline) {
            for (JsonNode worker : client.get("/v1/workers").path("workers")) {
                // Yesterday's workers are still listed, as lost.
                String state = worker.path("state").asString("");
                if (state.equals("idle") || state.equals("busy")) {
                    return worker;
                }
            }
            Thread.sleep(200);
        }
        throw new CommandFailure(
                "No worker with a reachable ComfyUI reported within 30 s; see the log of comfy-worker-service");
    }

    private static void whatNext(GatewayClient client) {
        String base = client.base();
        String key = firstKey() == null ? "" : " -H 'X-API-Key: <your key>'";
        System.out.println();
        System.out.println("Try next (Ctrl-C stops everything):");
        System.out.println("  curl -s" + key + " " + base + "/v1/jobs -H 'Content-Type: application/json' \\");
        System.out.println("       -d '{\"workflowId\":\"demo\",\"inputs\":{\"prompt\":\"a red fox\"}}'");
        System.out.println("  curl -N" + key + " " + base + "/v1/jobs/<jobId>/events");
        System.out.println("  API documents: " + base + "/docs");
    }

    /** The first of {@code API_KEYS}, which the stack that we start was given too. */
    private static @Nullable String firstKey() {
        String keys = System.getenv().getOrDefault("API_KEYS", "").strip();
        return keys.isEmpty() ? null : keys.split("[,:]", 2)[0].strip();
    }
}
