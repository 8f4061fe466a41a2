package dev.comfygateway.simulator.files;

import dev.comfygateway.simulator.SimulatorProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** The three roots a server reads and writes: input, output and temp. */
@Component
public class Folders {

    private static final Logger log = LoggerFactory.getLogger(Folders.class);

    private final Path base;
    private final Map<String, Path> roots;

    Folders(SimulatorProperties properties) throws IOException {
        Path configured = properties.baseDirectory();
        Path given = configured == null
                ? Files.createTempDirectory("comfyui-simulator-")
                : Files.createDirectories(configured);
        base = given.toRealPath();
        roots = Map.of("input", base.resolve("input"), "output", base.resolve("output"), "temp", base.resolve("temp"));
        empty(base.resolve("temp"));
        for (Path root : roots.values()) {
            Files.createDirectories(root);
        }
        log.info("folders ready base={}", base);
    }

    /** The folder that has all others. */
    public Path base() {
        return base;
    }

    /** Empties temp, as every start does. */
    public void emptyTemp() throws IOException {
        Path temp = roots.getOrDefault("temp", Path.of("temp"));
        empty(temp);
        Files.createDirectories(temp);
    }

    /** The root of that name, or null. */
    public @Nullable Path root(String type) {
        return roots.get(type);
    }

    /** A folder below a root, or null when the path escapes it. */
    public static @Nullable Path inside(Path root, String subfolder) {
        try {
            Path folder = root.resolve(subfolder).normalize();
            return folder.startsWith(root) ? folder : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** An existing file named as node inputs name it: {@code sub/name} or {@code name [temp]}; null when there is none. */
    public @Nullable Path annotated(String value) {
        AnnotatedName name = AnnotatedName.parse(value, "input");
        Path root = root(name.type());
        Path file = root == null ? null : inside(root, name.name());
        return file != null && Files.isRegularFile(file) ? file : null;
    }

    /** The files directly in one of the roots, the newest first; a root that is missing has none. */
    public List<Path> newestFirst(String type) throws IOException {
        Path root = root(type);
        if (root == null || !Files.isDirectory(root)) {
            return List.of();
        }
        record Entry(Path file, FileTime modified) {}
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(root, Files::isRegularFile)) {
            for (Path file : files) {
                entries.add(new Entry(file, Files.getLastModifiedTime(file)));
            }
        }
        entries.sort(Comparator.comparing(Entry::modified).reversed());
        return entries.stream().map(Entry::file).toList();
    }

    /** The names of the files directly in input, sorted. */
    public List<String> inputFiles() {
        try (Stream<Path> files = Files.list(roots.getOrDefault("input", Path.of(".")))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void empty(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
