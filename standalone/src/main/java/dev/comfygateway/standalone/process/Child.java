package dev.comfygateway.standalone.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A running child. Its standard input is ours; when we end, it closes, and the child ends too. */
public final class Child {

    private static final long LOG_KEPT = 20L * 1024 * 1024;

    private final ChildPlan plan;
    private final Process process;
    private final long logStart;

    private Child(ChildPlan plan, Process process, long logStart) {
        this.plan = plan;
        this.process = process;
        this.logStart = logStart;
    }

    /** Starts it and returns at once. */
    public static Child spawn(ChildPlan plan) throws IOException {
        Path log = plan.log();
        Files.createDirectories(log.toAbsolutePath().getParent());
        if (Files.exists(log) && Files.size(log) > LOG_KEPT) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        ProcessBuilder builder = new ProcessBuilder(plan.command())
                .directory(plan.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Map<String, String> environment = builder.environment();
        plan.withheld().forEach(environment::remove);
        environment.putAll(plan.environment());
        return new Child(plan, builder.start(), logStart);
    }

    public ChildPlan plan() {
        return plan;
    }

    public Process process() {
        return process;
    }

    /** Offset in the log at which this child's output begins. */
    public long logStart() {
        return logStart;
    }

    /** One line that says why it ended. */
    public String reason() {
        return LogTail.reason(plan.log(), logStart);
    }

    /** Asks it to end; returns at once. */
    public void askToStop() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone already, or cannot be told this way; the signal follows.
        }
        process.destroy();
    }

    /** Waits for its end until the deadline, then ends it and whatever it has started. */
    public void awaitEnd(long deadlineNanos) {
        try {
            if (process.waitFor(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
