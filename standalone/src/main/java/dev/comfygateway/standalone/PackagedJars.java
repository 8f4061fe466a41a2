package dev.comfygateway.standalone;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The jars that the build left of the services which a run starts. */
final class PackagedJars {

    private final Map<String, Path> jars;

    private PackagedJars(Map<String, Path> jars) {
        this.jars = Map.copyOf(jars);
    }

    /**
     * Looks below the project's folder.
     *
     * @throws StartFailure when one is missing
     */
    static PackagedJars find(StackSettings settings) throws StartFailure, IOException {
        List<String> names = new ArrayList<>(List.of(
                StackAddresses.JOBS,
                StackAddresses.STORAGE,
                StackAddresses.WEBHOOKS,
                StackAddresses.WORKER,
                StackAddresses.GATEWAY));
        if (settings.comfyUi().isEmpty()) {
            names.add(StackAddresses.SIMULATOR);
        }
        Map<String, Path> jars = new LinkedHashMap<>();
        for (String name : names) {
            Path folder = settings.home().resolve(name).resolve("target");
            Path jar = null;
            if (Files.isDirectory(folder)) {
                try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, name + "-*-exec.jar")) {
                    for (Path path : found) {
                        jar = path;
                    }
                }
            }
            if (jar == null) {
                throw new StartFailure(
                        "The packaged " + name + " is missing in " + folder + "; build it: ./mvnw -DskipTests package");
            }
            jars.put(name, jar);
        }
        return new PackagedJars(jars);
    }

    Path of(String service) {
        Path jar = jars.get(service);
        if (jar == null) {
            throw new IllegalArgumentException(service + " is not started by this run");
        }
        return jar;
    }
}
