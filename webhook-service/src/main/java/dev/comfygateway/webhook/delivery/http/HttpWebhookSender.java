package dev.comfygateway.webhook.delivery.http;

import dev.comfygateway.contract.event.EventHeaders;
import dev.comfygateway.webhook.delivery.DeliveryProperties;
import dev.comfygateway.webhook.delivery.DeliveryResult;
import dev.comfygateway.webhook.delivery.DeliveryResult.Accepted;
import dev.comfygateway.webhook.delivery.DeliveryResult.Refused;
import dev.comfygateway.webhook.delivery.DueDelivery;
import dev.comfygateway.webhook.delivery.FailureReason;
import dev.comfygateway.webhook.delivery.WebhookSender;
import dev.comfygateway.webhook.signing.WebhookSigner;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.http.client.FilteredHostException;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * Sends webhooks through a client of its own: every try resolves, judges and connects anew, redirects are not followed,
 * certificates are verified, and of the answer at most 4 KiB are read.
 */
@Component
final class HttpWebhookSender implements WebhookSender {

    private static final int MAX_ANSWER_BYTES = 4096;
    private static final int GONE = 410;

    private final WebClient client;
    private final TargetGuard guard;
    private final WebhookSigner signer;
    private final Duration timeout;
    private final Clock clock;

    @Autowired
    HttpWebhookSender(TargetProperties targets, DeliveryProperties deliveries, WebhookSigner signer, Clock clock) {
        this(targets, deliveries, signer, clock, UnaryOperator.identity());
    }

    /** @param customizer last word on the client, for tests */
    HttpWebhookSender(
            TargetProperties targets,
            DeliveryProperties deliveries,
            WebhookSigner signer,
            Clock clock,
            UnaryOperator<HttpClient> customizer) {
        this.guard = new TargetGuard(targets);
        this.signer = signer;
        this.timeout = deliveries.timeout();
        this.clock = clock;
        HttpClientSettings settings = HttpClientSettings.defaults()
                .withRedirects(HttpRedirects.DONT_FOLLOW)
                .withConnectTimeout(timeout)
                .withInetAddressFilter(guard.addresses());
        // Not the shared builder: its metrics would have a tag per receiver's host. A connection is never reused, so
        // that none outlives the judgement of its address, and never retried below our own count of tries.
        this.client = WebClient.builder()
                .clientConnector(ClientHttpConnectorBuilder.reactor()
                        .withHttpClientFactory(() -> HttpClient.create(ConnectionProvider.newConnection()))
                        .withHttpClientCustomizer(http -> customizer.apply(
                                http.keepAlive(false).compress(false).disableRetry(true)))
                        .build(settings))
                .build();
    }

    @Override
    public Mono<DeliveryResult> send(DueDelivery delivery, @Nullable String traceparent) {
        URI url;
        try {
            url = URI.create(delivery.url());
        } catch (IllegalArgumentException e) {
            return Mono.just(new Refused(FailureReason.INVALID_URL, null, "not a URL", false));
        }
        Optional<Refused> refused = guard.check(url);
        if (refused.isPresent()) {
            return Mono.just(refused.get());
        }
        return Mono.defer(() -> {
                    Instant deadline = clock.instant().plus(timeout);
                    return client.post()
                            .uri(url)
                            .contentType(MediaType.APPLICATION_JSON)
                            .headers(headers -> addHeaders(headers, delivery, traceparent))
                            .bodyValue(delivery.body())
                            .exchangeToMono(
                                    response -> drain(response, deadline).thenReturn(result(response)));
                })
                .timeout(timeout)
                .onErrorResume(error -> Mono.just(classify(error)));
    }

    private void addHeaders(HttpHeaders headers, DueDelivery delivery, @Nullable String traceparent) {
        headers.set(HttpHeaders.USER_AGENT, "ComfyUI-Gateway");
        headers.set("X-Webhook-Id", delivery.id());
        headers.set("X-Webhook-Attempt", Integer.toString(delivery.attempt()));
        headers.set("X-Webhook-Event", delivery.event());
        headers.set("X-Webhook-Timestamp", Long.toString(clock.instant().getEpochSecond()));
        signer.sign(delivery.body()).ifPresent(signature -> headers.set("X-Signature", signature));
        if (traceparent != null) {
            headers.set(EventHeaders.TRACEPARENT, traceparent);
        }
    }

    /**
     * Lets the receiver finish its answer, within reason. The status has decided already: an endless or broken body
     * must not turn a delivery into a failure, because the receiver would get it twice.
     */
    private Mono<Void> drain(ClientResponse response, Instant deadline) {
        Duration left = Duration.between(clock.instant(), deadline).dividedBy(2);
        return DataBufferUtils.takeUntilByteCount(response.bodyToFlux(DataBuffer.class), MAX_ANSWER_BYTES)
                .doOnNext(DataBufferUtils::release)
                .then()
                .timeout(left.isPositive() ? left : Duration.ofMillis(1))
                .onErrorComplete();
    }

    private static DeliveryResult result(ClientResponse response) {
        int status = response.statusCode().value();
        if (response.statusCode().is2xxSuccessful()) {
            return new Accepted(status);
        }
        if (response.statusCode().is3xxRedirection()) {
            return new Refused(FailureReason.STATUS, status, "redirects are not followed", true);
        }
        return status == GONE
                ? new Refused(FailureReason.STATUS, status, "the receiver is gone for good", false)
                : new Refused(FailureReason.STATUS, status, "", true);
    }

    private DeliveryResult classify(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case FilteredHostException filtered -> {
                    return new Refused(
                            FailureReason.ADDRESS_NOT_ALLOWED,
                            null,
                            "private and local addresses are not allowed",
                            false);
                }
                case UnknownHostException unknown -> {
                    return new Refused(FailureReason.DNS, null, "the host name could not be resolved", true);
                }
                case SSLException tls -> {
                    return tls(tls);
                }
                case CertificateException tls -> {
                    return tls(tls);
                }
                case TimeoutException late -> {
                    return late();
                }
                case io.netty.handler.timeout.TimeoutException late -> {
                    return late();
                }
                case io.netty.channel.ConnectTimeoutException late -> {
                    return late();
                }
                case java.net.ConnectException refused -> {
                    return new Refused(FailureReason.CONNECT, null, "no connection", true);
                }
                default -> {}
            }
        }
        return new Refused(FailureReason.CONNECT, null, "the connection ended before the answer", true);
    }

    private static Refused tls(Exception cause) {
        String message = cause.getMessage();
        return new Refused(FailureReason.TLS, null, message == null ? "handshake failed" : message, true);
    }

    private Refused late() {
        return new Refused(FailureReason.TIMEOUT, null, "no answer within " + timeout.toMillis() + " ms", true);
    }
}
