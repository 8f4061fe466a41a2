package dev.comfygateway.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Maven run that is going on.
 *
 * @param root the project's top folder
 * @param modules folders of the modules that take part in this run, by name and in build order; without the parent
 * @param complete whether every module takes part
 * @param tested whether this run ran all tests of the modules that take part
 */
public record Build(Path root, Map<String, Path> modules, boolean complete, boolean tested) {

    /** How Maven prints a project. */
    private static final Pattern PROJECT =
            Pattern.compile("MavenProject: [^:]+:([^:]+):[^ ]+ @ (.+?)pom\\.xml(?=[,\\]])");

    public Build {
        modules = new LinkedHashMap<>(modules);
    }

    /**
     * Reads {@code root=}, {@code projects=}, {@code allProjects=} and any number of {@code skip=}, one per property
     * that leaves tests out. A value that is still a placeholder means that the property is not set.
     */
    public static Build parse(String... args) {
        Path root = Path.of("..");
        Map<String, Path> modules = new LinkedHashMap<>();
        Map<String, Path> all = new LinkedHashMap<>();
        List<String> skips = new ArrayList<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg : arg.substring(0, equals);
            String value = equals < 0 ? "" : arg.substring(equals + 1);
            switch (name) {
                case "root" -> root = Path.of(value);
                case "projects" -> modules = projects(value);
                case "allProjects" -> all = projects(value);
                case "skip" -> skips.add(value);
                default -> throw new IllegalArgumentException("Unknown argument: " + arg);
            }
        }
        boolean complete = !modules.isEmpty() && modules.keySet().equals(all.keySet());
        root = root.toAbsolutePath().normalize();
        Path parent = root;
        modules.values().removeIf(folder -> folder.toAbsolutePath().normalize().equals(parent));
        return new Build(root, modules, complete, skips.stream().noneMatch(Build::isSet));
    }

    private static Map<String, Path> projects(String text) {
        Map<String, Path> found = new LinkedHashMap<>();
        Matcher matcher = PROJECT.matcher(text);
        while (matcher.find()) {
            found.put(matcher.group(1), Path.of(matcher.group(2)));
        }
        return found;
    }

    private static boolean isSet(String value) {
        return !value.startsWith("${") && !value.equals("false");
    }
}
