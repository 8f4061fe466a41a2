package dev.comfygateway.worker.backend;

import dev.comfygateway.worker.backend.comfy.OutputFile;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Remembers whose the newest files of a ComfyUI are. It answers an old graph from its cache with the files it made
 * then, and those carry the text of the one who asked then. Thread safe.
 */
public final class OutputOwners {

    private static final int LIMIT = 20_000;

    private record Key(String type, String subfolder, String filename) {}

    private final Map<Key, String> owners = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
            return size() > LIMIT;
        }
    };

    /** Notes that a tenant's prompt has made the file. */
    public synchronized void made(OutputFile file, String tenant) {
        // Taken out first, so that it counts as the newest.
        owners.remove(key(file));
        owners.put(key(file), tenant);
    }

    /** Whether every one of the files is known to be that tenant's. */
    public synchronized boolean allOf(Collection<OutputFile> files, String tenant) {
        return files.stream().allMatch(file -> tenant.equals(owners.get(key(file))));
    }

    synchronized void clear() {
        owners.clear();
    }

    private static Key key(OutputFile file) {
        return new Key(file.type(), file.subfolder(), file.filename());
    }
}
