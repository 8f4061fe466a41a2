package dev.comfygateway.simulator.files;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Writes {@code prefix_00001_.png} and so on. A folder is listed only when the first number turns out to be taken:
 * output folders grow without end, and most prefixes are new.
 */
@Component
public class NumberedFiles {

    private static final int REMEMBERED = 10_000;

    private final Map<Path, Integer> next = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Integer> eldest) {
            return size() > REMEMBERED;
        }
    };

    NumberedFiles() {}

    /** Writes a new file whose name ends like that behind its number, and returns the name. */
    public synchronized String write(Path folder, String prefix, String ending, byte[] bytes) throws IOException {
        Path key = folder.resolve(prefix);
        Files.createDirectories(folder);
        int number = next.getOrDefault(key, 1);
        while (true) {
            String name = String.format("%s_%05d%s", prefix, number, ending);
            try {
                Files.write(folder.resolve(name), bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                next.put(key, number + 1);
                return name;
            } catch (FileAlreadyExistsException e) {
                number = highest(folder, prefix) + 1;
            }
        }
    }

    private static int highest(Path folder, String prefix) throws IOException {
        Pattern pattern = Pattern.compile(Pattern.quote(prefix) + "_(\\d{1,9})_?\\..*");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> pattern.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
                    .max()
                    .orElse(0);
        }
    }
}
