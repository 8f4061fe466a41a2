package dev.comfygateway.worker.testing;

import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.backend.RecycleHook;
import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.settings.BackendProperties;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.settings.HttpClients;
import dev.comfygateway.worker.settings.RecycleProperties;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.web.client.RestClient;

/** Backends outside of an application context. */
public final class TestBackends {

    /** Short times, so that what is waited for comes soon. */
    public static final ExecutionProperties FAST = fast(Map.of());

    private TestBackends() {}

    /** One that was looked at, so that its version and its nodes are known. */
    public static Backend of(URI url) {
        return of(url, FAST);
    }

    public static Backend of(URI url, ExecutionProperties execution) {
        return backends(properties(url.toString()), execution).all().getFirst();
    }

    public static Backends backends(BackendProperties properties, ExecutionProperties execution) {
        return backends(properties, execution, new DefaultSslBundleRegistry());
    }

    public static Backends backends(BackendProperties properties, ExecutionProperties execution, SslBundles ssl) {
        return backends(properties, execution, ssl, recycle(Map.of()));
    }

    /** @param recycle settings of that, by their names */
    public static Backends backends(BackendProperties properties, Map<String, String> recycle) {
        return backends(properties, FAST, new DefaultSslBundleRegistry(), recycle(recycle));
    }

    private static Backends backends(
            BackendProperties properties, ExecutionProperties execution, SslBundles ssl, RecycleProperties recycle) {
        HttpClients http = http(properties, ssl);
        return new Backends(
                properties, execution, new RecycleHook(recycle, http), http, spool(), new SimpleMeterRegistry());
    }

    /** @param settings by their names */
    public static RecycleHook hook(Map<String, String> settings) {
        return new RecycleHook(recycle(settings), http());
    }

    private static RecycleProperties recycle(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings)).bindOrCreate("", RecycleProperties.class);
    }

    public static BackendProperties properties(String urls) {
        return properties(Map.of("url", urls));
    }

    /** Short times, no warm-up, and what the settings say instead; by the names of the settings. */
    public static BackendProperties properties(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "connect-timeout", "2s",
                "request-timeout", "5s",
                "transfer-timeout", "60s",
                "probe-interval", "100ms",
                "probe-timeout", "1s",
                "trial-timeout", "2s",
                "warm-up", "false"));
        all.putAll(settings);
        return new Binder(new MapConfigurationPropertySource(all)).bindOrCreate("", BackendProperties.class);
    }

    /** Short times, and what the settings say instead; by the names of the settings. */
    public static ExecutionProperties fast(Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>(Map.of(
                "poll-interval", "100ms",
                "lost-after", "200ms",
                "unreachable-after", "1s",
                "stuck-after", "2s",
                "cancel-repeat", "50ms",
                "cancel-at-most", "5s",
                "finish-permits", "4",
                "grace", "1s"));
        all.putAll(settings);
        return new Binder(new MapConfigurationPropertySource(all)).bindOrCreate("", ExecutionProperties.class);
    }

    public static HttpClients http() {
        return http(properties("http://localhost"), new DefaultSslBundleRegistry());
    }

    private static HttpClients http(BackendProperties properties, SslBundles ssl) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        beans.addBean("builder", RestClient.builder());
        beans.addBean("ssl", ssl);
        return new HttpClients(
                beans.getBeanProvider(RestClient.Builder.class), properties, beans.getBeanProvider(SslBundles.class));
    }

    /** A spool of its own below the build's folder. */
    public static Spool spool() {
        try {
            return new Spool(Files.createTempDirectory(Path.of("target"), "spool"), 1 << 20);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
