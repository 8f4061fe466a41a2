package dev.comfygateway.simulator.queue;

import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/** Counts prompts; a server that starts begins at 0 again. */
@Component
public final class PromptNumbers {

    private final AtomicLong next = new AtomicLong();

    PromptNumbers() {}

    /** The next number. */
    public long next() {
        return next.getAndIncrement();
    }

    /** Goes on from there, which may be backwards. */
    public void reset(long number) {
        next.set(number);
    }
}
