package dev.comfygateway.simulator.fault;

import dev.comfygateway.simulator.files.Folders;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.imageio.ImageIO;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Spoils files that nodes have written. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
final class OutputDamage {

    private final Folders folders;

    OutputDamage(Folders folders) {
        this.folders = folders;
    }

    /** Spoils every file that is told about in that. */
    void apply(Fault fault, JsonNode ui) {
        for (JsonNode list : ui) {
            for (JsonNode item : list) {
                Path root = folders.root(item.path("type").asString(""));
                if (root != null && item.has("filename")) {
                    Path folder = root.resolve(item.path("subfolder").asString(""));
                    spoil(fault, folder.resolve(item.get("filename").asString()));
                }
            }
        }
    }

    private static void spoil(Fault fault, Path file) {
        try {
            if (!Files.exists(file)) {
                return;
            }
            switch (fault.kind()) {
                case EMPTY_OUTPUT -> truncate(file, 0);
                case TRUNCATED_OUTPUT -> truncate(file, fault.number("bytes", Files.size(file) / 2));
                case MISLABELLED_OUTPUT ->
                    Files.write(file, fault.text("as", "html").equals("jpeg") ? jpeg() : html());
                case VANISHED_OUTPUT -> Files.delete(file);
                default -> {}
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void truncate(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        }
    }

    private static byte[] html() {
        return "<!DOCTYPE html><html><body><script>alert(1)</script></body></html>".getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] jpeg() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "jpeg", out);
        return out.toByteArray();
    }
}
