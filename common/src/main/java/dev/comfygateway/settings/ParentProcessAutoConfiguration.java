package dev.comfygateway.settings;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * Ends the service when its standard input closes, which is how a child of the stand-alone launcher learns that the
 * launcher is gone, however it went.
 */
@AutoConfiguration
@ConditionalOnProperty(name = "comfy.exit-on-stdin-close", havingValue = "true")
public class ParentProcessAutoConfiguration {

    private static final Logger log = LoggerFactory.getLogger(ParentProcessAutoConfiguration.class);

    @Bean(destroyMethod = "close")
    StdinWatch stdinWatch(ApplicationContext context) {
        StdinWatch watch = new StdinWatch(context);
        Thread.ofPlatform().daemon().name("stdin-watch").start(watch);
        return watch;
    }

    /** Reads standard input until it ends. */
    static final class StdinWatch implements Runnable, AutoCloseable {

        private final ApplicationContext context;
        private final AtomicBoolean closed = new AtomicBoolean();

        StdinWatch(ApplicationContext context) {
            this.context = context;
        }

        @Override
        public void run() {
            try {
                while (System.in.read() >= 0) {
                    // What the launcher writes, if anything, means nothing.
                }
            } catch (IOException e) {
                log.debug("Standard input failed; taken as closed", e);
            }
            if (!closed.get()) {
                log.info("The launcher is gone; stopping");
                System.exit(SpringApplication.exit(context));
            }
        }

        @Override
        public void close() {
            closed.set(true);
        }
    }
}
