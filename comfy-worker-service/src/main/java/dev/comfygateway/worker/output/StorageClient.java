package dev.comfygateway.worker.output;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.UploadAnswer;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.asset.UploadCompletion;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.worker.settings.BackendProperties;
import dev.comfygateway.worker.settings.HttpClients;
import dev.comfygateway.worker.settings.PeerProperties;
import dev.comfygateway.worker.settings.ServiceUrls;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/** Calls to storage-service with an attempt's ticket, and the transfers its presigned links allow. Blocks. */
@Component
public final class StorageClient {

    /** The client sets these itself; setting them again is refused. */
    private static final Set<String> OWN_HEADERS = Set.of("host", "content-length", "connection");

    private record TicketLink(@Nullable String url) {}

    private final RestClient storage;
    private final HttpClient transfers;
    private final String base;
    private final Duration transferTimeout;

    public StorageClient(HttpClients http, PeerProperties peers, BackendProperties backend) {
        this.storage = http.peers(peers.requestTimeout()).build();
        this.transfers = http.peers();
        this.base = ServiceUrls.parse("STORAGE_SERVICE_URL", peers.storageServiceUrl())
                .toString();
        this.transferTimeout = backend.transferTimeout();
    }

    UploadAnswer announce(String ticket, UploadRequest request) {
        return Objects.requireNonNull(storage.post()
                .uri(URI.create(base + "/internal/uploads"))
                .headers(headers -> headers.setBearerAuth(ticket))
                .contentType(MediaType.APPLICATION_JSON)
                .body(request)
                .retrieve()
                .body(UploadAnswer.class));
    }

    AssetList complete(String ticket, UploadCompletion completion) {
        return Objects.requireNonNull(storage.post()
                .uri(URI.create(base + "/internal/uploads/complete"))
                .headers(headers -> headers.setBearerAuth(ticket))
                .contentType(MediaType.APPLICATION_JSON)
                .body(completion)
                .retrieve()
                .body(AssetList.class));
    }

    /** A link to an input asset; throws an {@link IOException} when storage-service gives none. */
    String inputLink(String ticket, String assetId) throws IOException {
        TicketLink link = storage.get()
                .uri(URI.create(base + "/internal/ticket-assets/" + assetId + "/link"))
                .headers(headers -> headers.setBearerAuth(ticket))
                .retrieve()
                .body(TicketLink.class);
        if (link == null || link.url() == null) {
            throw new IOException("No link to the asset");
        }
        return link.url();
    }

    /** Puts the bytes with exactly the given headers: they are part of the signature. Answers the status. */
    int put(UploadTarget target, SpooledFile file) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(target.url()))
                .timeout(transferTimeout)
                .PUT(file.body());
        target.headers().forEach((name, value) -> {
            if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                request.header(name, value);
            }
        });
        return transfers
                .send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    SpooledFile fetch(String url, Spool spool) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = transfers.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(transferTimeout)
                        .GET()
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("Storage answered " + response.statusCode());
            }
            return spool.take(body);
        }
    }
}
