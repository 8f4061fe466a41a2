package dev.comfygateway.worker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the simulator for faults. */
public final class SimulatorFaults {

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI faults;

    public SimulatorFaults(URI simulator) {
        this.faults = URI.create(simulator + "/simulator/faults");
    }

    /** @param fault JSON in single quotes */
    public void ask(String fault) {
        send(HttpRequest.newBuilder(faults).POST(HttpRequest.BodyPublishers.ofString(fault.replace('\'', '"'))), 201);
    }

    public void clear() {
        send(HttpRequest.newBuilder(faults).DELETE(), 200);
    }

    /** Whether every fault that was asked for has struck at least once. */
    public boolean haveStruck() {
        for (JsonNode fault :
                JsonMapper.shared().readTree(send(HttpRequest.newBuilder(faults).GET(), 200))) {
            if (fault.path("remaining").asInt(0) >= fault.path("next").asInt(1)) {
                return false;
            }
        }
        return true;
    }

    private String send(HttpRequest.Builder request, int expected) {
        try {
            HttpResponse<String> answer = http.send(
                    request.header("Content-Type", "application/json").build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != expected && answer.statusCode() / 100 != 2) {
                throw new IllegalStateException("The simulator answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
