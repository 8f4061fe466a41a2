package dev.comfygateway.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Submits a job for one of the gateway's workflows. */
@Command(
        name = "submit",
        description = "Submit a job: comfygw submit demo prompt='a lighthouse' steps=20",
        mixinStandardHelpOptions = true)
final class SubmitCommand implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Mixin
    private ClientOptions options = new ClientOptions();

    @Parameters(index = "0", paramLabel = "WORKFLOW", description = "Id of a workflow; see GET /v1/workflows.")
    private String workflow = "";

    @Parameters(index = "1..*", paramLabel = "NAME=VALUE", description = "Inputs.")
    private Map<String, String> inputs = new LinkedHashMap<>();

    @Option(names = "--watch", description = "Follow the job to its end.")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException {
        GatewayClient client = options.client();
        JsonNode job = client.post("/v1/jobs", body(workflow, inputs));
        String id = job.path("jobId").asString("");
        System.out.println(id);
        return watch ? WatchCommand.watch(client, id) : 0;
    }

    static ObjectNode body(String workflow, Map<String, String> inputs) {
        ObjectNode body = JSON.createObjectNode().put("workflowId", workflow);
        ObjectNode values = body.putObject("inputs");
        inputs.forEach((name, value) -> {
            if (value.matches("-?\\d{1,18}")) {
                values.put(name, Long.parseLong(value));
            } else if (value.matches("-?\\d+\\.\\d+")) {
                values.put(name, Double.parseDouble(value));
            } else if (value.equals("true") || value.equals("false")) {
                values.put(name, Boolean.parseBoolean(value));
            } else {
                values.put(name, value);
            }
        });
        return body;
    }
}
