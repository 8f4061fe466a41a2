package dev.comfygateway.worker.output;

import dev.comfygateway.worker.settings.OutputProperties;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * ComfyUI's base folder, where worker and ComfyUI share a disk. ComfyUI cannot be asked to delete a file, and whoever
 * shares it could read what others have left there.
 */
@Component
public final class SharedFolder {

    private static final Logger log = LoggerFactory.getLogger(SharedFolder.class);

    private final @Nullable Path base;

    public SharedFolder(OutputProperties properties) {
        Path given = properties.sharedFolder();
        this.base = given == null || given.toString().isBlank() ? null : given;
    }

    /** Deletes a folder of an attempt with all that is in it; does nothing where the disk is not shared. Blocks. */
    public void remove(String folder) {
        if (base == null) {
            return;
        }
        Path root = base.resolve(folder);
        if (!Files.isDirectory(root)) {
            return;
        }
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            log.warn("Files of ComfyUI could not be removed: {}", e.getClass().getSimpleName());
        }
    }
}
