package dev.comfygateway.standalone.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;

/** Tells whether a running child serves. Asked again and again; may block for a few seconds. */
@FunctionalInterface
public interface Readiness {

    /** Whether the child serves by now. */
    boolean isReady(Child child) throws InterruptedException;

    /** The child has written a line that begins with {@code READY}. */
    static Readiness byLine() {
        return child -> {
            try (var in = Files.newInputStream(child.plan().log())) {
                in.skipNBytes(child.logStart());
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .anyMatch(line -> line.startsWith("READY "));
            } catch (IOException e) {
                return false;
            }
        };
    }

    /** The URL answers a GET with 200. */
    static Readiness byHttp(HttpClient http, URI url) {
        HttpRequest request =
                HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
        return child -> {
            try {
                return http.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            }
        };
    }
}
