package dev.comfygateway.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writing Markdown files. */
final class Document {

    private Document() {}

    /** Writes the text; an unchanged file keeps its time stamp. */
    static void write(Path file, String text) throws IOException {
        if (Files.exists(file) && Files.readString(file).equals(text)) {
            return;
        }
        Path folder = file.getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, text);
    }

    /** Text that may stand in a table cell. */
    static String cell(String text) {
        return text.replace("|", "\\|")
                .replaceAll("\\s+", " ")
                .replace("<", "&lt;")
                .strip();
    }
}
