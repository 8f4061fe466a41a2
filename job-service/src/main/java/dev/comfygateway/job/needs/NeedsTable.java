package dev.comfygateway.job.needs;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Needs by the hash of their content, in Postgres; those used lately are remembered. Thread safe. */
@Component
public class NeedsTable {

    private static final int REMEMBERED = 10_000;

    private final DatabaseClient database;
    private final JsonMapper json;
    private final Map<String, Needs> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Needs> eldest) {
            return size() > REMEMBERED;
        }
    };

    NeedsTable(DatabaseClient database, JsonMapper json) {
        this.database = database;
        this.json = json;
    }

    /** Needs as they are stored. */
    public record Stored(String id, String content) {}

    public Stored stored(Needs needs) {
        String content = json.writeValueAsString(needs);
        return new Stored(hash(content), content);
    }

    /** The needs with those ids; ids that nobody stored are missing. */
    public Mono<Map<String, Needs>> find(Collection<String> ids) {
        Map<String, Needs> found = new HashMap<>();
        synchronized (known) {
            for (String id : ids) {
                Needs needs = known.get(id);
                if (needs != null) {
                    found.put(id, needs);
                }
            }
        }
        List<String> missing =
                ids.stream().filter(id -> !found.containsKey(id)).distinct().toList();
        if (missing.isEmpty()) {
            return Mono.just(found);
        }
        return database.sql("select id, content from jobs.needs where id = any(:ids)")
                .bind("ids", missing.toArray(String[]::new))
                .map(row ->
                        Map.entry(Columns.text(row, "id"), json.readValue(Columns.text(row, "content"), Needs.class)))
                .all()
                .collectList()
                .map(rows -> {
                    rows.forEach(row -> found.put(row.getKey(), row.getValue()));
                    synchronized (known) {
                        rows.forEach(row -> known.put(row.getKey(), row.getValue()));
                    }
                    return found;
                });
    }

    private static String hash(String content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
