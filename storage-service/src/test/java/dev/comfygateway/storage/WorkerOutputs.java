package dev.comfygateway.storage;

import static dev.comfygateway.storage.SampleBytes.sha256;
import static java.util.Objects.requireNonNull;

import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.contract.asset.UploadAnswer;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.asset.UploadCompletion;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.contract.asset.UploadRequest.UploadFile;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.id.Ids;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.springframework.test.web.reactive.server.WebTestClient;

/** The part of a worker: it announces outputs, puts their bytes at the store and completes them. */
abstract class WorkerOutputs extends RunningStorageService {

    /** In place of a status: the server closed the connection before it gave one. */
    static final int CLOSED = -1;

    /** One attempt of one job. */
    final class Job {
        final String id;
        final String attempt = Ids.newAttemptId();
        private final String tenant;

        Job(String tenant) {
            this(tenant, Ids.newJobId());
        }

        private Job(String tenant, String id) {
            this.tenant = tenant;
            this.id = id;
        }

        Job nextAttempt() {
            return new Job(tenant, id);
        }

        String ticket() {
            return token(new Caller("w1", tenant, Role.TICKET, id, attempt));
        }
    }

    UploadTarget announce(Job job, int index, String name, byte[] bytes) {
        UploadAnswer answer = requireNonNull(post("/internal/uploads", job.ticket(), request(index, name, bytes))
                .expectStatus()
                .isOk()
                .expectBody(UploadAnswer.class)
                .returnResult()
                .getResponseBody());
        return answer.targets().getFirst();
    }

    WebTestClient.ResponseSpec complete(Job job, UploadTarget target) {
        return post("/internal/uploads/complete", job.ticket(), new UploadCompletion(List.of(target.assetId())));
    }

    int put(String url, Map<String, String> headers, byte[] bytes) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes));
        headers.forEach(request::header);
        // A connection of its own: the server closes those on which it refused a body it had not read.
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            // The server refuses by the headers alone and closes before it has read the body.
            return CLOSED;
        }
    }

    LinkAnswer links(String tenant, List<String> ids, String audience) {
        LinkAnswer answer = requireNonNull(post(
                        "/internal/links",
                        token(Caller.service("job-service")),
                        new LinkRequest(tenant, ids, audience, null))
                .expectStatus()
                .isOk()
                .expectBody(LinkAnswer.class)
                .returnResult()
                .getResponseBody());
        return answer;
    }

    static UploadRequest request(int index, String name, byte[] bytes) {
        return new UploadRequest(List.of(new UploadFile(index, name, "image/png", bytes.length, sha256(bytes))));
    }
}
