package dev.comfygateway.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Ends the process when its standard input ends, so that it never outlives the process that started it. */
@Component
@ConditionalOnProperty(name = "comfy.exit-on-stdin-close", havingValue = "true")
class StdinCloseWatcher {

    @EventListener
    void start(ApplicationReadyEvent event) {
        Thread.ofPlatform().daemon().name("stdin-watch").start(() -> {
            drain(System.in);
            System.exit(SpringApplication.exit(event.getApplicationContext()));
        });
    }

    private static void drain(InputStream in) {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // A broken pipe means the same as a closed one: the parent is gone.
        }
    }
}
