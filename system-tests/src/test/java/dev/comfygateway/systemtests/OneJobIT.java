package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.systemtests.ApiClient.ServerEvent;
import dev.comfygateway.systemtests.WebhookReceiver.Delivery;
import dev.comfygateway.testing.Proves;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** One real job through every part of the packaged stack, and what must hold around it. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class OneJobIT {

    @TempDir
    static Path data;

    private static Stack stack;
    private static ApiClient api;
    private static WebhookReceiver receiver;

    @BeforeAll
    static void start() throws IOException {
        receiver = new WebhookReceiver();
        stack = Stack.start(data, Map.of());
        api = stack.api();
    }

    @AfterAll
    static void stop() throws IOException {
        stack.close();
        receiver.close();
    }

    @Test
    @Order(1)
    @Proves({"S2-60", "S2-9", "S2-8", "S4-38"})
    void deliversTheBytesItPromises() throws Exception {
        String jobId = api.submit(Map.of("workflow", Graphs.invert(96, 64, 0x3399FF)));
        JsonNode end = api.awaitEnd(jobId);

        assertThat(end.get("status").asString()).isEqualTo("succeeded");
        JsonNode output = api.job(jobId).at("/outputs/0");
        byte[] bytes = api.download(output.get("url").asString());
        assertThat(bytes).hasSize(output.get("size").asInt());
        assertThat(ManyJobs.sha256(bytes)).isEqualTo(output.get("sha256").asString());
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
        assertThat(image.getWidth()).isEqualTo(96);
        assertThat(image.getHeight()).isEqualTo(64);
        assertThat(image.getRGB(10, 10) & 0xFFFFFF).isEqualTo(0xCC6600);
        assertThat(api.download(output.get("contentUrl").asString())).isEqualTo(bytes);
    }

    @Test
    @Order(2)
    @Proves({"S4-39", "S4-40"})
    void streamsEveryStateOnceAndCanBeResumed() {
        String jobId = api.submit(demo(7));
        List<ServerEvent> events = api.follow(jobId, "", event -> {});

        List<ServerEvent> numbered =
                events.stream().filter(event -> !event.id().isEmpty()).toList();
        assertThat(numbered).extracting(ServerEvent::id).containsExactly("1", "2", "3");
        assertThat(numbered).extracting(ServerEvent::name).containsExactly("queued", "running", "end");
        assertThat(events).extracting(ServerEvent::name).contains("node", "progress");
        List<Double> fractions = events.stream()
                .filter(event -> event.name().equals("progress"))
                .map(event -> event.data().get("fraction").asDouble())
                .toList();
        assertThat(fractions).isSorted();

        assertThat(api.follow(jobId, "2", event -> {}))
                .extracting(ServerEvent::id)
                .containsExactly("3");
        assertThat(api.send("GET", "/v1/jobs/" + jobId + "/events", "", "Last-Event-ID", "3")
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    @Order(3)
    void makesAnotherPictureForAnotherSeed() throws Exception {
        byte[] first = result(demo(1));
        byte[] again = result(demo(1));
        byte[] other = result(demo(2));

        assertThat(sizeOf(first)).isEqualTo("256x192");
        assertThat(pixels(again)).isEqualTo(pixels(first));
        assertThat(pixels(other)).isNotEqualTo(pixels(first));
    }

    @Test
    @Order(4)
    void worksOnAnUploadedInput() throws Exception {
        BufferedImage picture = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(0, 0, 0xFF0000);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", png);
        JsonNode asset = api.upload("my photo & co.png", png.toByteArray());

        byte[] bytes =
                result(Map.of("workflow", Graphs.scale(asset.get("assetId").asString(), 80, 40)));

        BufferedImage scaled = ImageIO.read(new ByteArrayInputStream(bytes));
        assertThat(scaled.getWidth()).isEqualTo(80);
        assertThat(scaled.getHeight()).isEqualTo(40);
        assertThat(scaled.getRGB(1, 1) & 0xFFFFFF).isEqualTo(0xFF0000);
    }

    @Test
    @Order(4)
    void showsWhatANodeMakesToThoseWhoWatch() throws IOException {
        String jobId = api.submit(Map.of("workflow", Graphs.previewing(60, 4711)));

        List<ServerEvent> previews = api.watch(jobId).stream()
                .filter(event -> event.name().equals("preview"))
                .toList();

        assertThat(previews).hasSizeBetween(1, 15);
        JsonNode data = previews.getLast().data();
        assertThat(data.path("node").asString()).isEqualTo("2");
        byte[] picture = Base64.getDecoder().decode(data.path("image").asString());
        assertThat(ImageIO.read(new ByteArrayInputStream(picture)).getWidth()).isPositive();
    }

    @Test
    @Order(5)
    @Proves({"S0-53", "S0-54"})
    void tellsTheCallbackOnceAndSigned() throws Exception {
        String jobId = api.submit(Map.of(
                "workflow",
                Graphs.invert(64, 64, 1),
                "callbackUrl",
                receiver.uri().toString(),
                "metadata",
                Map.of("order", 17)));
        api.awaitEnd(jobId);

        await().atMost(Duration.ofSeconds(10)).until(() -> !receiver.of(jobId).isEmpty());
        Delivery delivery = receiver.of(jobId).getFirst();
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(stack.webhookSecret().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        assertThat(delivery.signature())
                .isEqualTo("sha256="
                        + HexFormat.of().formatHex(mac.doFinal(delivery.body().getBytes(StandardCharsets.UTF_8))));
        JsonNode body = Json.read(delivery.body());
        assertThat(body.get("status").asString()).isEqualTo("succeeded");
        assertThat(body.at("/metadata/order").asInt()).isEqualTo(17);
        assertThat(api.download(body.at("/result/outputs/0/url").asString())).isNotEmpty();
    }

    @Test
    @Order(6)
    void refusesBadRequestsWithACode() {
        assertProblem("{}", 400, "VALIDATION_ERROR");
        assertProblem("{\"workflow\":", 400, "MALFORMED_REQUEST");
        assertProblem("{\"workflow\":[1]}", 400, "VALIDATION_ERROR");
        assertProblem("{\"workflowId\":\"none\"}", 404, "WORKFLOW_NOT_FOUND");
        assertProblem("{\"workflowId\":\"demo\",\"inputs\":{\"width\":\"wide\"}}", 400, "VALIDATION_ERROR");
        assertThat(api.send("GET", "/v1/jobs/j_00000000000000000000000000000000", "")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    @Order(7)
    void refusesAJobThatNoWorkerCanRunAndSaysWhichNode() {
        JsonNode problem = assertProblem(
                Json.write(Map.of("workflow", Map.of("1", Map.of("class_type", "NoSuchNode", "inputs", Map.of())))),
                400,
                "NODE_NOT_AVAILABLE");
        assertThat(problem.at("/errors/0/pointer").asString()).isEqualTo("/workflow/1/class_type");
    }

    @Test
    @Order(7)
    void failsAJobThatComfyRefusesAndSaysWhichNode() {
        String jobId = api.submit(Map.of(
                "workflow",
                Map.of(
                        "1",
                        Map.of("class_type", "ImageInvert", "inputs", Map.of()),
                        "2",
                        Map.of(
                                "class_type",
                                "SaveImage",
                                "inputs",
                                Map.of("images", List.of("1", 0), "filename_prefix", "a")))));
        JsonNode end = api.awaitEnd(jobId);

        assertThat(end.get("status").asString()).isEqualTo("failed");
        JsonNode error = api.job(jobId).at("/error");
        assertThat(error.at("/code").asString()).isEqualTo("INVALID_WORKFLOW");
        assertThat(error.at("/errors/0/pointer").asString()).contains("1");
    }

    @Test
    @Order(8)
    void waitsWhenTheClientPrefersTo() {
        HttpResponse<String> response = api.send(
                "POST", "/v1/jobs", Json.write(Map.of("workflow", Graphs.invert(64, 64, 2))), "Prefer", "wait=20");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(Json.read(response.body()).get("status").asString()).isEqualTo("succeeded");
    }

    @Test
    @Order(9)
    void cancelsARunningJob() {
        String jobId = api.submit(demo(3, 150));
        api.follow(jobId, "", event -> {
            if (event.name().equals("progress")) {
                api.send("POST", "/v1/jobs/" + jobId + "/cancel", "");
            }
        });
        assertThat(api.job(jobId).get("status").asString()).isEqualTo("canceled");
    }

    @Test
    @Order(10)
    void finishesAJobWhoseWorkerWasKilled() {
        String jobId = api.submit(Map.of(
                "workflowId",
                "demo",
                "inputs",
                Map.of("prompt", "a bridge", "seed", 9, "steps", 60, "width", 256, "height", 192),
                "callbackUrl",
                receiver.uri().toString()));
        boolean[] killed = new boolean[1];
        List<ServerEvent> events = api.follow(jobId, "", event -> {
            if (event.name().equals("progress") && !killed[0]) {
                killed[0] = true;
                stack.process("comfy-worker-service").destroyForcibly();
            }
        });

        assertThat(killed[0]).isTrue();
        assertThat(events.getLast().data().get("status").asString()).isEqualTo("succeeded");
        assertThat(events.stream().filter(event -> event.name().equals("end"))).hasSize(1);
        assertThat(api.job(jobId).get("attempts").asInt()).isEqualTo(2);
        await().atMost(Duration.ofSeconds(10)).until(() -> !receiver.of(jobId).isEmpty());
        assertThat(receiver.of(jobId).stream().map(Delivery::webhookId).distinct())
                .hasSize(1);
    }

    @Test
    @Order(11)
    void endsTwoThousandNearInstantJobs() throws Exception {
        ManyJobs jobs = ManyJobs.run(stack, 2_000, 16, Duration.ofMinutes(9));
        System.out.println(jobs);
        jobs.assertEachEndedOnceWithItsBytes();
    }

    @Test
    @Order(12)
    void leavesNothingBehindWhenTheLauncherIsKilledAndFindsYesterdaysJobs() throws Exception {
        String jobId = api.submit(Map.of("workflow", Graphs.invert(64, 64, 77)));
        api.awaitEnd(jobId);
        List<ProcessHandle> processes = stack.descendants();
        assertThat(processes).hasSizeGreaterThanOrEqualTo(8);

        stack.killLauncher();
        await().atMost(Duration.ofSeconds(60)).until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));

        stack = Stack.start(data, Map.of());
        api = stack.api();
        JsonNode job = api.job(jobId);
        assertThat(job.get("status").asString()).isEqualTo("succeeded");
        assertThat(ManyJobs.sha256(api.download(job.at("/outputs/0/contentUrl").asString())))
                .isEqualTo(job.at("/outputs/0/sha256").asString());
        assertThat(result(Map.of("workflow", Graphs.invert(64, 64, 78)))).isNotEmpty();
    }

    private static JsonNode assertProblem(String body, int status, String code) {
        HttpResponse<String> response = api.send("POST", "/v1/jobs", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        JsonNode problem = Json.read(response.body());
        assertThat(problem.get("code").asString()).isEqualTo(code);
        return problem;
    }

    private static Map<String, Object> demo(long seed) {
        return demo(seed, 10);
    }

    private static Map<String, Object> demo(long seed, int steps) {
        return Map.of(
                "workflowId",
                "demo",
                "inputs",
                Map.of("prompt", "a lighthouse", "seed", seed, "steps", steps, "width", 256, "height", 192));
    }

    private static byte[] result(Map<String, ?> job) {
        String jobId = api.submit(job);
        JsonNode end = api.awaitEnd(jobId);
        assertThat(end.get("status").asString()).as(end.toString()).isEqualTo("succeeded");
        return api.download(api.job(jobId).at("/outputs/0/contentUrl").asString());
    }

    private static String sizeOf(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        return image.getWidth() + "x" + image.getHeight();
    }

    private static List<Integer> pixels(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        int[] rgb = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        return java.util.Arrays.stream(rgb).boxed().toList();
    }
}
