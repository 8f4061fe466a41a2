package dev.comfygateway.worker.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.settings.BackendProperties;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.jks.JksSslStoreBundle;
import org.springframework.boot.ssl.jks.JksSslStoreDetails;

/** How servers are reached: secure, with a key, below a path, or not at all. */
class BackendConnectionTests {

    @TempDir
    private Path folder;

    @Test
    @Proves({"S1-40", "S1-41", "S3-46"})
    void reachesASecureServerBelowAPathWithItsKey() throws Exception {
        Path store = keyStore();
        SslBundle trust = SslBundle.of(
                new JksSslStoreBundle(null, new JksSslStoreDetails("PKCS12", null, store.toString(), "changeit")));
        try (FakeComfyUi comfy = new FakeComfyUi("/comfy/ui", keys(store))) {
            assertThat(comfy.url().getScheme()).isEqualTo("https");
            Backends backends = TestBackends.backends(
                    properties(comfy.url(), "s3cret", "comfyui"),
                    TestBackends.FAST,
                    new DefaultSslBundleRegistry("comfyui", trust));
            backends.start();
            Backend backend = backends.all().getFirst();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> backend.ready() && backend.socket().connected());

            assertThat(comfy.clientIds).hasSize(1);
            assertThat(comfy.authorizations).isNotEmpty().containsOnly("Bearer s3cret");
            backends.stop();
        }
    }

    @Test
    @Proves("S3-46")
    void doesNotUseAServerWhoseCertificateNobodyVouchesFor() throws Exception {
        try (FakeComfyUi comfy = new FakeComfyUi("", keys(keyStore()))) {
            Backends backends = TestBackends.backends(properties(comfy.url(), null, null), TestBackends.FAST);
            Backend backend = backends.all().getFirst();
            backends.probe(backend);
            backends.probe(backend);

            assertThat(backend.status().reachable()).isFalse();
            assertThat(comfy.authorizations).as("requests that came through").isEmpty();
            backends.stop();
        }
    }

    @Test
    void namesTheSettingOfABundleThatIsNotThere() {
        BackendProperties properties = properties(URI.create("https://localhost"), null, "nope");

        assertThatThrownBy(() -> TestBackends.backends(properties, TestBackends.FAST))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("COMFYUI_SSL_BUNDLE");
    }

    @Test
    @Proves("S3-45")
    void doesNotStartWithoutAnAddress() {
        assertThatThrownBy(() -> TestBackends.backends(TestBackends.properties(" "), TestBackends.FAST))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("COMFYUI_URL");
    }

    @Test
    @Proves({"S1-34", "S2-24"})
    void takesAServerThatComesUpLater() {
        int port;
        try (FakeComfyUi first = new FakeComfyUi()) {
            port = first.url().getPort();
        }
        Backends backends = TestBackends.backends(
                properties(URI.create("http://127.0.0.1:" + port), null, null), TestBackends.FAST);
        backends.start();
        Backend backend = backends.all().getFirst();
        backends.probe(backend);
        backends.probe(backend);
        assertThat(backend.ready()).isFalse();
        assertThat(backends.freePermits()).isZero();

        try (FakeComfyUi late = new FakeComfyUi(port)) {
            await().atMost(Duration.ofSeconds(5)).until(backend::ready);
            assertThat(late.clientIds).isNotEmpty();
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> !backend.ready());
        backends.stop();
    }

    private static BackendProperties properties(URI url, @Nullable String key, @Nullable String bundle) {
        return TestBackends.properties(Map.of(
                "url", url.toString(), "api-key", key == null ? "" : key, "ssl-bundle", bundle == null ? "" : bundle));
    }

    /** A key and its self-signed certificate, made by the JDK's own tool. */
    private Path keyStore() throws IOException, InterruptedException {
        Path store = folder.resolve("keys.p12");
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process made = new ProcessBuilder(
                        tool.toString(),
                        "-genkeypair",
                        "-alias",
                        "comfy",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        return store;
    }

    private static KeyManagerFactory keys(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "changeit".toCharArray());
        return keys;
    }
}
