package dev.comfygateway.worker.testing;

import static dev.comfygateway.worker.testing.FakeServer.body;
import static dev.comfygateway.worker.testing.FakeServer.json;

import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Something that replaces processes when it is asked to. */
public final class FakeHook implements AutoCloseable {

    public final List<JsonNode> calls = new CopyOnWriteArrayList<>();
    public volatile Runnable onCall = () -> {};
    public volatile int status = 200;

    private final FakeServer server = new FakeServer(routes -> routes.post(
            "/recycle",
            (in, out) -> body(in).flatMap(text -> {
                calls.add(JsonMapper.shared().readTree(text));
                onCall.run();
                return json(out, status, "");
            })));

    public URI url() {
        return URI.create(server.url() + "/recycle");
    }

    @Override
    public void close() {
        server.close();
    }
}
