package dev.comfygateway.simulator;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A started server and the calls that most tests make. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "comfy.simulator.step-time=1ms")
abstract class SimulatorTestSupport {

    static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @LocalServerPort
    int port;

    EventSocket connect(String clientId) {
        EventSocket socket = new EventSocket(CLIENT, port, clientId);
        socket.next();
        return socket;
    }

    HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    HttpResponse<byte[]> post(String path, JsonNode body) {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(Json.text(body))));
    }

    JsonNode get(String path) {
        return Json.parse(send(request(path)).body());
    }

    JsonNode submit(JsonNode graph, String clientId) {
        ObjectNode body = Json.object().put("client_id", clientId);
        body.set("prompt", graph);
        return Json.parse(post("/prompt", body).body());
    }

    /** Runs a graph to its end and returns its history entry. */
    JsonNode run(JsonNode graph) {
        String clientId = UUID.randomUUID().toString();
        try (EventSocket socket = connect(clientId)) {
            String id = submit(graph, clientId).path("prompt_id").stringValue();
            socket.untilEnd();
            return get("/history/" + id).path(id);
        }
    }

    byte[] view(JsonNode file) {
        return send(request("/view?filename="
                        + URLEncoder.encode(file.get("filename").stringValue(), StandardCharsets.UTF_8) + "&subfolder="
                        + URLEncoder.encode(file.get("subfolder").stringValue(), StandardCharsets.UTF_8) + "&type="
                        + file.get("type").stringValue()))
                .body();
    }

    static JsonNode resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(SimulatorTestSupport.class.getResourceAsStream("/" + name), name)) {
            return Json.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A canvas of that colour, a node in the middle, and a saved file. */
    static JsonNode chain(int colour, String middle) {
        return Json.parse("""
                {"1":{"class_type":"EmptyImage","inputs":{"width":32,"height":32,"batch_size":1,"color":%d}},
                 "2":%s,
                 "3":{"class_type":"SaveImage","inputs":{"images":["2",0],"filename_prefix":"cap/x"}}}
                """.formatted(colour, middle));
    }

    static String slow(int steps, double delay, boolean preview) {
        return """
                {"class_type":"ProbeSlow","inputs":{"image":["1",0],"steps":%d,"delay":%s,"preview":%b,"seed":1}}
                """.formatted(steps, delay, preview);
    }

    static JsonNode textToImage(String text, long seed, int size) {
        return Json.parse("""
                {"3":{"class_type":"KSampler","inputs":{"seed":%d,"steps":3,"cfg":7.0,"sampler_name":"euler",
                      "scheduler":"normal","denoise":1.0,"model":["4",0],"positive":["6",0],"negative":["7",0],
                      "latent_image":["5",0]}},
                 "4":{"class_type":"CheckpointLoaderSimple","inputs":{"ckpt_name":"v1-5-pruned-emaonly.safetensors"}},
                 "5":{"class_type":"EmptyLatentImage","inputs":{"width":%d,"height":%d,"batch_size":1}},
                 "6":{"class_type":"CLIPTextEncode","inputs":{"text":"%s","clip":["4",1]}},
                 "7":{"class_type":"CLIPTextEncode","inputs":{"text":"blurry","clip":["4",1]}},
                 "8":{"class_type":"VAEDecode","inputs":{"samples":["3",0],"vae":["4",2]}},
                 "9":{"class_type":"SaveImage","inputs":{"images":["8",0],"filename_prefix":"txt2img"}}}
                """.formatted(seed, size, size, text));
    }
}
