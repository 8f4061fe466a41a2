package dev.comfygateway.worker.testing;

import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.settings.BackendProperties;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.settings.HttpClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.web.client.RestClient;

/** Backends outside of an application context. */
public final class TestBackends {

    /** Short times, so that what is waited for comes soon. */
    public static final ExecutionProperties FAST = new ExecutionProperties(
            Duration.ofMillis(100),
            Duration.ofSeconds(25),
            Duration.ofMillis(200),
            Duration.ofSeconds(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(10),
            4,
            Duration.ofSeconds(1));

    private TestBackends() {}

    public static Backend of(URI url) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        beans.addBean("builder", RestClient.builder());
        BackendProperties properties = new BackendProperties(
                url.toString(),
                null,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(60));
        HttpClients http = new HttpClients(beans.getBeanProvider(RestClient.Builder.class), properties);
        return new Backends(properties, FAST, http, new SimpleMeterRegistry())
                .all()
                .getFirst();
    }
}
