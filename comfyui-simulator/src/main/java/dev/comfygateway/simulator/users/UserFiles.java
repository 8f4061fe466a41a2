package dev.comfygateway.simulator.users;

import dev.comfygateway.simulator.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reads and changes the files of one user. Names that lead out of the user's folder are refused. */
@Component
public class UserFiles {

    UserFiles() {}

    /** What became of a call. */
    public sealed interface Outcome {

        /** The file it is about. */
        record Done(Path file) implements Outcome {}

        /** The name leads out of the folder. */
        record Escapes() implements Outcome {}

        /** There is no such file. */
        record Absent() implements Outcome {}

        /** There is one already. */
        record Taken() implements Outcome {}

        /** The name cannot be a file's. */
        record Unusable() implements Outcome {}
    }

    /** Finds something that exists. */
    public Outcome find(Path userFolder, String name) {
        Path file = Folders.inside(userFolder, name);
        if (file == null) {
            return new Outcome.Escapes();
        }
        return Files.exists(file) ? new Outcome.Done(file) : new Outcome.Absent();
    }

    /** Writes a file, and the folders above it. */
    public synchronized Outcome write(Path userFolder, String name, byte[] bytes, boolean overwrite)
            throws IOException {
        Path file = Folders.inside(userFolder, name);
        if (file == null) {
            return new Outcome.Escapes();
        }
        if (Files.isDirectory(file) || !canHaveFiles(Objects.requireNonNull(file.getParent()))) {
            return new Outcome.Unusable();
        }
        if (!overwrite && Files.exists(file)) {
            return new Outcome.Taken();
        }
        WholeFile.write(file, bytes);
        return new Outcome.Done(file);
    }

    /**
     * Removes a file.
     *
     * @throws IOException also for a folder
     */
    public synchronized Outcome delete(Path userFolder, String name) throws IOException {
        Outcome found = find(userFolder, name);
        if (found instanceof Outcome.Done(Path file)) {
            if (Files.isDirectory(file)) {
                throw new IOException("is a folder");
            }
            Files.delete(file);
        }
        return found;
    }

    /**
     * Moves a file or a folder; into the target when that is a folder.
     *
     * @throws IOException also when the target leads out of the user's folder
     */
    public synchronized Outcome move(Path userFolder, String from, String to, boolean overwrite) throws IOException {
        Outcome found = find(userFolder, from);
        if (!(found instanceof Outcome.Done(Path source))) {
            return found;
        }
        Path target = Folders.inside(userFolder, to);
        if (target == null || source.equals(userFolder)) {
            throw new IOException("cannot move there");
        }
        if (!overwrite && Files.exists(target)) {
            return new Outcome.Taken();
        }
        if (source.equals(target)) {
            return new Outcome.Done(target);
        }
        Path place = Files.isDirectory(target) ? target.resolve(Objects.requireNonNull(source.getFileName())) : target;
        if (place.startsWith(source)) {
            throw new IOException("cannot move a folder into itself");
        }
        Files.createDirectories(Objects.requireNonNull(place.getParent()));
        Files.move(source, place, StandardCopyOption.REPLACE_EXISTING);
        return new Outcome.Done(target);
    }

    /** The files in a folder, with those further below if asked for; hidden ones are left out. */
    public List<Path> list(Path folder, boolean recurse) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, recurse ? Integer.MAX_VALUE : 1)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !isHidden(folder.relativize(file)))
                    .sorted()
                    .toList();
        }
    }

    /** Everything below a folder: folders first, then files, each by name. */
    public List<Path> tree(Path folder) throws IOException {
        try (Stream<Path> entries = Files.walk(folder)) {
            return entries.filter(entry -> !entry.equals(folder))
                    .sorted(Comparator.comparing((Path entry) -> !Files.isDirectory(entry))
                            .thenComparing(entry -> String.valueOf(entry.getFileName()))
                            .thenComparing(Path::toString))
                    .toList();
        }
    }

    private static boolean isHidden(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    /** Whether the nearest thing that exists is a folder. */
    private static boolean canHaveFiles(Path folder) {
        Path nearest = folder;
        while (!Files.exists(nearest)) {
            nearest = Objects.requireNonNull(nearest.getParent());
        }
        return Files.isDirectory(nearest);
    }
}
