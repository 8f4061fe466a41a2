package dev.comfygateway.standalone.process;

import java.io.IOException;
import java.io.InputStream;

/**
 * Tells a child that its parent is gone. The parent holds the writing end of the child's standard input; the system
 * closes it however the parent ends, also by {@code kill -9}.
 */
public final class ParentWatch {

    private ParentWatch() {}

    /** Runs the action once, on a thread of its own, when the stream ends. */
    public static void onEnd(InputStream stdin, Runnable action) {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            try {
                while (stdin.read() >= 0) {
                    // What the parent writes, if anything, means nothing.
                }
            } catch (IOException e) {
                // A broken pipe says the same as a closed one.
            }
            action.run();
        });
    }
}
