package dev.comfygateway.standalone.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How to start one child and how to know that it serves.
 *
 * @param name shown to people, also the name of its log
 * @param command program and arguments
 * @param environment variables it gets
 * @param withheld variables of ours that it must not inherit
 * @param folder working directory
 * @param log file that gets all its output
 * @param readiness when it serves
 * @param patience how long that may take
 * @param address what to show when it serves
 */
public record ChildPlan(
        String name,
        List<String> command,
        Map<String, String> environment,
        Set<String> withheld,
        Path folder,
        Path log,
        Readiness readiness,
        Duration patience,
        String address) {

    public ChildPlan {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        withheld = Set.copyOf(withheld);
    }
}
