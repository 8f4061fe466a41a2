package dev.comfygateway.worker.settings;

import dev.comfygateway.settings.InvalidSettingException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Pools of connections, HTTP/1.1 on virtual threads, and observed clients over them. Neither ComfyUI nor our own
 * services gain from HTTP/2, and ComfyUI would be asked to upgrade at each new connection. ComfyUI has a pool of its
 * own, because its certificates may be of an authority that nothing else should be trusted by.
 */
@Component
public final class HttpClients implements AutoCloseable {

    private final ObjectProvider<RestClient.Builder> builders;
    private final Executor executor = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient peers;
    private final HttpClient comfy;

    @Autowired
    public HttpClients(
            ObjectProvider<RestClient.Builder> builders, BackendProperties backend, ObjectProvider<SslBundles> ssl) {
        this.builders = builders;
        this.peers = client(backend).build();
        HttpClient.Builder toComfy = client(backend);
        String bundle = backend.sslBundle();
        if (bundle != null && !bundle.isBlank()) {
            try {
                toComfy.sslContext(ssl.getObject().getBundle(bundle.strip()).createSslContext());
            } catch (NoSuchSslBundleException e) {
                throw new InvalidSettingException("COMFYUI_SSL_BUNDLE", "names no bundle of spring.ssl.bundle");
            }
        }
        this.comfy = toComfy.build();
    }

    private HttpClient.Builder client(BackendProperties backend) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(backend.connectTimeout())
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor);
    }

    /** The bare client for presigned links. */
    public HttpClient peers() {
        return peers;
    }

    /** The bare client for ComfyUI's sockets. */
    public HttpClient comfy() {
        return comfy;
    }

    /** A builder of clients to our own services, which gives every exchange that much time. */
    public RestClient.Builder peers(Duration timeout) {
        return builder(peers, timeout);
    }

    /** A builder of clients to ComfyUI, which gives every exchange that much time. */
    public RestClient.Builder comfy(Duration timeout) {
        return builder(comfy, timeout);
    }

    private RestClient.Builder builder(HttpClient client, Duration timeout) {
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(client, executor);
        factory.setReadTimeout(timeout);
        return builders.getObject().requestFactory(factory);
    }

    @Override
    public void close() {
        peers.shutdownNow();
        comfy.shutdownNow();
    }
}
