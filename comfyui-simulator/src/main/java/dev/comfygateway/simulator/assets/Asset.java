package dev.comfygateway.simulator.assets;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file as an asset.
 *
 * @param id its id
 * @param name the name shown
 * @param type the root it is in
 * @param path where it is below the root; empty for a second reference to a file
 * @param file the file
 * @param size its size
 * @param contentType its content type
 * @param tags its tags, sorted
 * @param userMetadata what users said of it
 * @param hash its hash, once known
 * @param width the width of a picture, else 0
 * @param height the height of a picture, else 0
 * @param promptId the prompt that made it, if one did
 * @param described whether the metadata is complete
 * @param times when it was made, changed and read
 */
public record Asset(
        String id,
        String name,
        String type,
        String path,
        Path file,
        long size,
        String contentType,
        List<String> tags,
        ObjectNode userMetadata,
        @Nullable String hash,
        int width,
        int height,
        @Nullable String promptId,
        boolean described,
        Times times) {

    /**
     * When something happened to it.
     *
     * @param created when it was made
     * @param updated when it was changed
     * @param read when it was read or renamed
     */
    public record Times(Instant created, Instant updated, Instant read) {}

    /** Copies the tags. */
    public Asset {
        tags = List.copyOf(new TreeSet<>(tags));
    }

    Asset withTags(Collection<String> newTags) {
        return copy(name, List.copyOf(newTags), userMetadata, hash, described, touched(times.read));
    }

    Asset withDescription(String newName, ObjectNode newMetadata) {
        return copy(
                newName, tags, newMetadata, hash, described, new Times(times.created, Instant.now(), Instant.now()));
    }

    Asset withHash(String newHash) {
        return copy(name, tags, userMetadata, newHash, true, touched(times.read));
    }

    private Times touched(Instant read) {
        return new Times(times.created, Instant.now(), read);
    }

    private Asset copy(
            String newName,
            List<String> newTags,
            ObjectNode newMetadata,
            @Nullable String newHash,
            boolean isDescribed,
            Times newTimes) {
        return new Asset(
                id,
                newName,
                type,
                path,
                file,
                size,
                contentType,
                newTags,
                newMetadata,
                newHash,
                width,
                height,
                promptId,
                isDescribed,
                newTimes);
    }
}
