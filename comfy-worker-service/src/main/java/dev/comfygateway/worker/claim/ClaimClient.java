package dev.comfygateway.worker.claim;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.worker.settings.HttpClients;
import dev.comfygateway.worker.settings.PeerProperties;
import dev.comfygateway.worker.settings.ServiceUrls;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Claims and lease renewals at job-service. Blocks; throws {@link org.springframework.web.client.RestClientException}
 * when there is no answer or a refusal.
 */
@Component
public class ClaimClient {

    private static final Duration TOKEN_LIFE = Duration.ofSeconds(60);

    private final RestClient jobs;
    private final String base;
    private final InternalTokens tokens;
    private final WorkerIdentity identity;

    public ClaimClient(HttpClients http, PeerProperties peers, InternalTokens tokens, WorkerIdentity identity) {
        this.jobs = http.peers(peers.requestTimeout()).build();
        this.base = ServiceUrls.parse("JOB_SERVICE_URL", peers.jobServiceUrl()).toString();
        this.tokens = tokens;
        this.identity = identity;
    }

    /** Asks for the best job this worker can run. */
    public ClaimAnswer claim(ClaimRequest request) {
        return post("/internal/claims", request, ClaimAnswer.class);
    }

    /** Renews leases; the first one of an instance ends those of the instance before it. */
    public LeaseAnswer renew(LeaseRenewal renewal) {
        return post("/internal/leases", renewal, LeaseAnswer.class);
    }

    private <T> T post(String path, Object body, Class<T> type) {
        return Objects.requireNonNull(jobs.post()
                .uri(URI.create(base + path))
                .headers(headers -> headers.setBearerAuth(tokens.issue(Caller.worker(identity.workerId()), TOKEN_LIFE)))
                .contentType(MediaType.APPLICATION_JSON)
                .body(body)
                .retrieve()
                .body(type));
    }
}
