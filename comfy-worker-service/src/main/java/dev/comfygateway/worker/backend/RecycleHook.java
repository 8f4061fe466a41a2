package dev.comfygateway.worker.backend;

import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.worker.settings.HttpClients;
import dev.comfygateway.worker.settings.RecycleProperties;
import dev.comfygateway.worker.settings.ServiceUrls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Has a ComfyUI process replaced by what the operator has set for that: a command, an address, or both. */
@Component
public final class RecycleHook {

    private static final Logger log = LoggerFactory.getLogger(RecycleHook.class);

    private final RecycleProperties settings;
    private final List<String> command;
    private final @Nullable URI url;
    private final RestClient http;

    /** @throws InvalidSettingException when the address is none, or the share is not one */
    public RecycleHook(RecycleProperties settings, HttpClients http) {
        if (!(settings.leastFreeShare() >= 0 && settings.leastFreeShare() < 1)) {
            throw new InvalidSettingException("WORKER_RECYCLE_LEAST_FREE_SHARE", "must be at least 0 and below 1");
        }
        this.settings = settings;
        List<String> parts = settings.command();
        this.command = parts.size() == 1 ? List.of(parts.getFirst().strip().split("\\s+")) : parts;
        String text = settings.url();
        this.url = text == null || text.isBlank() ? null : ServiceUrls.parse("WORKER_RECYCLE_URL", text.strip());
        this.http = http.peers(settings.timeout()).build();
    }

    RecycleProperties settings() {
        return settings;
    }

    /** Whether there is anything to call. */
    boolean isSet() {
        return url != null || !command.isEmpty();
    }

    /**
     * Blocks until the address has answered and the command has ended.
     *
     * @throws IOException when one of them did not say that it went well, or took too long
     */
    void call(String backendId, URI backend, RecycleReason reason) throws IOException, InterruptedException {
        if (url != null) {
            post(url, Map.of("backend", backendId, "url", backend.toString(), "reason", reason.text()));
        }
        if (!command.isEmpty()) {
            run(Map.of(
                    "COMFYUI_BACKEND", backendId, "COMFYUI_URL", backend.toString(), "RECYCLE_REASON", reason.text()));
        }
    }

    private void post(URI to, Map<String, String> body) throws IOException {
        try {
            http.post()
                    .uri(to)
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(body)
                    .retrieve()
                    .toBodilessEntity();
        } catch (RestClientException e) {
            throw new IOException("the recycle address did not take it", e);
        }
    }

    private void run(Map<String, String> environment) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            // Read in any case: a command whose output nobody takes stands still.
            Thread.ofVirtual().name("recycle-output").start(() -> tell(process));
            if (!process.waitFor(settings.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("the recycle command did not end in time");
            }
            if (process.exitValue() != 0) {
                throw new IOException("the recycle command ended with status " + process.exitValue());
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static void tell(Process process) {
        try {
            process.inputReader().lines().forEach(line -> log.info("Recycle command: {}", line));
        } catch (UncheckedIOException e) {
            log.debug("Output of the recycle command broke off", e);
        }
    }
}
