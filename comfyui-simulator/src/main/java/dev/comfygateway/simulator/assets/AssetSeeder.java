package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.socket.SocketHub;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Completes what is known of assets, and tells everybody so. */
@Component
public class AssetSeeder {

    private final AssetCatalog catalog;
    private final SocketHub sockets;

    AssetSeeder(AssetCatalog catalog, SocketHub sockets) {
        this.catalog = catalog;
        this.sockets = sockets;
    }

    /** Completes the outputs that prompts made, if there are incomplete ones. */
    public synchronized void enrichOutputs() throws IOException {
        if (catalog.all().stream().anyMatch(asset -> !asset.described() && asset.promptId() != null)) {
            long started = System.nanoTime();
            int enriched = enrich(List.of("output", "temp"));
            completed("enrich", 0, enriched, started);
        }
    }

    /** Looks through roots as asked. What is there is known already, so that nothing new is found. */
    public synchronized void seed(List<String> roots) throws IOException {
        long started = System.nanoTime();
        int total = (int) catalog.all().stream()
                .filter(asset -> roots.contains(asset.type()))
                .count();
        tell("started", roots, Json.object().put("total", total).put("phase", "fast"));
        tell(
                "fast_complete",
                roots,
                Json.object().put("created", 0).put("skipped", total).put("total", total));
        completed("full", total, enrich(roots), started);
    }

    private int enrich(List<String> roots) throws IOException {
        List<String> told = roots.stream().filter(root -> !root.equals("temp")).toList();
        tell("started", told, Json.object().put("phase", "enrich"));
        int enriched = 0;
        for (Asset asset : catalog.all()) {
            if (!asset.described() && roots.contains(asset.type()) && Files.isRegularFile(asset.file())) {
                catalog.replace(asset.withHash(AssetCatalog.hash(asset.file())));
                enriched++;
            }
        }
        tell("enrich_complete", told, Json.object().put("enriched", enriched));
        return enriched;
    }

    private void completed(String phase, int total, int enriched, long started) {
        double elapsed = Math.round((System.nanoTime() - started) / 1e6) / 1e3;
        send(
                "completed",
                Json.object()
                        .put("phase", phase)
                        .put("total", total)
                        .put("created", 0)
                        .put("enriched", enriched)
                        .put("skipped", total)
                        .put("elapsed", elapsed));
    }

    private void tell(String event, List<String> roots, ObjectNode facts) {
        ObjectNode data = Json.object();
        data.set("roots", Json.strings(roots));
        data.setAll(facts);
        send(event, data);
    }

    private void send(String event, ObjectNode data) {
        sockets.sendOrBroadcast(null, "assets.seed." + event, data);
    }
}
