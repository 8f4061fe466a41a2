package dev.comfygateway.worker.settings;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * The one pool of connections, HTTP/1.1 on virtual threads, and observed clients over it. Neither ComfyUI nor our own
 * services gain from HTTP/2, and ComfyUI would be asked to upgrade at each new connection.
 */
@Component
public final class HttpClients implements AutoCloseable {

    private final ObjectProvider<RestClient.Builder> builders;
    private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    @Autowired
    public HttpClients(ObjectProvider<RestClient.Builder> builders, BackendProperties backend) {
        this.builders = builders;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(backend.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .build();
    }

    /** The bare client, for presigned links and sockets. */
    public HttpClient client() {
        return client;
    }

    /** A builder whose client gives every exchange that much time. */
    public RestClient.Builder builder(Duration timeout) {
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(client, executor);
        factory.setReadTimeout(timeout);
        return builders.getObject().requestFactory(factory);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
