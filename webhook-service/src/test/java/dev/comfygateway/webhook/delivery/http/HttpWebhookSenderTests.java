package dev.comfygateway.webhook.delivery.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import dev.comfygateway.webhook.Receiver;
import dev.comfygateway.webhook.delivery.DeliveryProperties;
import dev.comfygateway.webhook.delivery.DeliveryResult;
import dev.comfygateway.webhook.delivery.DeliveryResult.Accepted;
import dev.comfygateway.webhook.delivery.DeliveryResult.Refused;
import dev.comfygateway.webhook.delivery.DueDelivery;
import dev.comfygateway.webhook.delivery.FailureReason;
import dev.comfygateway.webhook.signing.TestSigners;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.resolver.SimpleNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.client.HttpClient;

/** The client against real servers on loopback. */
class HttpWebhookSenderTests {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Receiver receiver = new Receiver();

    @AfterEach
    void close() {
        receiver.close();
    }

    @Test
    void acceptsAnyTwoHundred() {
        receiver.script("/hook", Receiver.statuses(204));

        assertThat(send(allowing(), receiver.url("/hook"))).isEqualTo(new Accepted(204));
    }

    @ParameterizedTest
    @Proves("X-12")
    @ValueSource(
            strings = {
                "http://127.0.0.1:%d/hook",
                "http://localhost:%d/hook",
                "http://[::1]:%d/hook",
                "http://[::ffff:127.0.0.1]:%d/hook",
                "http://0.0.0.0:%d/hook",
                "http://10.0.0.1:%d/hook",
                "http://192.168.1.1:%d/hook",
                "http://172.16.0.1:%d/hook",
                "http://100.64.0.1:%d/hook",
                "http://[fd00::1]:%d/hook",
                "http://[fe80::1]:%d/hook",
                "http://169.254.169.254:%d/latest/meta-data"
            })
    void refusesPrivateAddressesByDefault(String url) {
        DeliveryResult result = send(refusing(), url.formatted(receiver.port()));

        assertThat(refused(result).reason()).isEqualTo(FailureReason.ADDRESS_NOT_ALLOWED);
        assertThat(refused(result).retryable()).isFalse();
        assertThat(receiver.received("/hook")).isEmpty();
    }

    @Test
    @Proves("X-12")
    void judgesTheAddressItConnectsToAndNotAnEarlierAnswer() {
        AtomicInteger lookups = new AtomicInteger();
        HttpWebhookSender sender = sender(
                new TargetProperties(false, List.of("rebind.example")),
                http -> http.resolver(new StubResolvers(() -> {
                    lookups.incrementAndGet();
                    return InetAddress.getLoopbackAddress();
                })));

        DeliveryResult result = send(sender, "http://rebind.example:" + receiver.port() + "/hook");

        assertThat(refused(result).reason()).isEqualTo(FailureReason.ADDRESS_NOT_ALLOWED);
        assertThat(lookups).hasValue(1);
        assertThat(receiver.received("/hook")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://example.com/", "http://user:pw@example.com/", "/hook", "::"})
    void refusesWhatIsNoPlainHttpUrl(String url) {
        assertThat(refused(send(refusing(), url)).reason()).isEqualTo(FailureReason.INVALID_URL);
    }

    @Test
    void refusesDomainsThatAreNotAllowed() {
        TargetGuard guard = new TargetGuard(new TargetProperties(false, List.of("app.example", "*.corp.example")));

        assertThat(guard.check(URI.create("https://app.example/x"))).isEmpty();
        assertThat(guard.check(URI.create("https://A.B.Corp.Example./x"))).isEmpty();
        for (String host : List.of("corp.example", "evilcorp.example", "app.example.evil", "x.app.example")) {
            assertThat(guard.check(URI.create("https://" + host + "/x")))
                    .as(host)
                    .hasValueSatisfying(
                            refused -> assertThat(refused.reason()).isEqualTo(FailureReason.DOMAIN_NOT_ALLOWED));
        }
        assertThat(new TargetGuard(new TargetProperties(false, List.of("*"))).check(URI.create("http://a.b/")))
                .isEmpty();
    }

    @Test
    @Proves("X-12")
    void doesNotFollowRedirects() {
        receiver.script("/from", (exchange, n) -> {
            exchange.getResponseHeaders().set("Location", receiver.url("/to"));
            exchange.sendResponseHeaders(307, -1);
        });

        Refused refused = refused(send(allowing(), receiver.url("/from")));

        assertThat(refused.text()).isEqualTo("STATUS 307: redirects are not followed");
        assertThat(refused.retryable()).isTrue();
        assertThat(receiver.received("/to")).isEmpty();
    }

    @Test
    @Proves({"S0-55", "X-12"})
    void givesUpOnASilentReceiver() {
        receiver.script("/slow", receiver.silent());

        HttpWebhookSender sender = sender(allow(), UnaryOperator.identity(), Duration.ofMillis(300));

        Refused refused = refused(send(sender, receiver.url("/slow")));
        assertThat(refused.reason()).isEqualTo(FailureReason.TIMEOUT);
        assertThat(refused.retryable()).isTrue();
    }

    @Test
    @Proves("X-12")
    void takesTheStatusOfAnAnswerThatNeverEnds() {
        receiver.script("/endless", receiver.endless());

        assertThat(send(allowing(), receiver.url("/endless"))).isEqualTo(new Accepted(200));
    }

    @Test
    @Proves("X-12")
    void namesADeadReceiver() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        assertThat(refused(send(allowing(), "http://127.0.0.1:" + port + "/")).reason())
                .isEqualTo(FailureReason.CONNECT);
    }

    @Test
    void makesOneRequestWhenTheReceiverHangsUp() {
        receiver.script("/hangs-up", (exchange, n) -> exchange.close());

        assertThat(refused(send(allowing(), receiver.url("/hangs-up"))).reason())
                .isEqualTo(FailureReason.CONNECT);
        assertThat(receiver.received("/hangs-up")).hasSize(1);
    }

    @Test
    void stopsForGoodAtFourHundredTen() {
        receiver.script("/gone", Receiver.statuses(410));

        assertThat(refused(send(allowing(), receiver.url("/gone"))).retryable()).isFalse();
    }

    @Test
    @Proves("S0-56")
    void namesAHostThatCannotBeResolved() {
        HttpWebhookSender sender = sender(
                allow(),
                http -> http.resolver(new StubResolvers(() -> {
                    throw new UnknownHostException("no such host");
                })));

        assertThat(refused(send(sender, "http://nowhere.example/hook")).reason())
                .isEqualTo(FailureReason.DNS);
    }

    @Test
    @Proves({"S0-56", "S0-58"})
    void refusesASelfSignedCertificate(@TempDir Path folder) throws Exception {
        try (Receiver tls = new Receiver(selfSigned(folder))) {
            DeliveryResult result = send(allowing(), "https://localhost:" + tls.port() + "/hook");

            assertThat(refused(result).reason()).isEqualTo(FailureReason.TLS);
            assertThat(refused(result).retryable()).isTrue();
            assertThat(tls.received("/hook")).isEmpty();
        }
    }

    private static DeliveryResult send(HttpWebhookSender sender, String url) {
        DueDelivery delivery = new DueDelivery(
                "j_1:3",
                "j_1",
                url,
                "job.succeeded",
                "{}".getBytes(StandardCharsets.UTF_8),
                1,
                UUID.randomUUID(),
                null);
        DeliveryResult result = sender.send(delivery, null).block(Duration.ofSeconds(20));
        assertThat(result).isNotNull();
        return Objects.requireNonNull(result);
    }

    private static Refused refused(DeliveryResult result) {
        assertThat(result).isInstanceOf(Refused.class);
        return (Refused) result;
    }

    private static TargetProperties allow() {
        return new TargetProperties(true, List.of());
    }

    private static HttpWebhookSender allowing() {
        return sender(allow(), UnaryOperator.identity());
    }

    private static HttpWebhookSender refusing() {
        return sender(new TargetProperties(false, List.of()), UnaryOperator.identity());
    }

    private static HttpWebhookSender sender(TargetProperties targets, UnaryOperator<HttpClient> customizer) {
        return sender(targets, customizer, TIMEOUT);
    }

    private static HttpWebhookSender sender(
            TargetProperties targets, UnaryOperator<HttpClient> customizer, Duration timeout) {
        DeliveryProperties deliveries =
                new DeliveryProperties(timeout, List.of(), 0, Duration.ofSeconds(1), 4, Duration.ofSeconds(30));
        return new HttpWebhookSender(targets, deliveries, TestSigners.unsigned(), Clock.systemUTC(), customizer);
    }

    /** With the JDK's own tool: nothing in the JDK's interface makes a certificate. */
    private static SSLContext selfSigned(Path folder) throws Exception {
        Path file = folder.resolve("self-signed.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "self",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** One answer for every name. */
    @FunctionalInterface
    private interface Lookup {
        InetAddress resolve() throws UnknownHostException;
    }

    private static final class StubResolvers extends AddressResolverGroup<InetSocketAddress> {

        private final Lookup lookup;

        StubResolvers(Lookup lookup) {
            this.lookup = lookup;
        }

        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            return new InetSocketAddressResolver(executor, new SimpleNameResolver<>(executor) {
                @Override
                protected void doResolve(String host, Promise<InetAddress> promise) {
                    try {
                        promise.setSuccess(lookup.resolve());
                    } catch (UnknownHostException e) {
                        promise.setFailure(e);
                    }
                }

                @Override
                protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
                    try {
                        promise.setSuccess(List.of(lookup.resolve()));
                    } catch (UnknownHostException e) {
                        promise.setFailure(e);
                    }
                }
            });
        }
    }
}
