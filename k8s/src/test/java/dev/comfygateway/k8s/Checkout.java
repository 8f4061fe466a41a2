package dev.comfygateway.k8s;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What the manifests are about: the other modules beside this one, as they were built. */
final class Checkout {

    /** Maven runs tests in the module's folder. */
    static final Path ROOT = Path.of("").toAbsolutePath().resolve("..").normalize();

    private Checkout() {}

    static Path overlay(String name) {
        return ROOT.resolve("k8s/overlays").resolve(name);
    }

    static boolean exists(String path) {
        return Files.exists(ROOT.resolve(path));
    }

    static String read(String path) {
        try {
            return Files.readString(ROOT.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file among the compiled classes of a module, which has to be built before. */
    static String readBuilt(String module, String file) {
        Path classes = ROOT.resolve(module).resolve("target/classes");
        if (!Files.isDirectory(classes)) {
            throw new IllegalStateException(module + " is not built; run ./mvnw -pl k8s -am test");
        }
        return read(ROOT.relativize(classes.resolve(file)).toString());
    }

    static boolean built(String module, String file) {
        return exists(module + "/target/classes/" + file);
    }

    /** The source of a class of ours, wherever it is. */
    static Optional<String> source(String className) {
        String path = "src/main/java/" + className.replace('.', '/') + ".java";
        try (Stream<Path> modules = Files.list(ROOT)) {
            return modules.map(module -> module.resolve(path))
                    .filter(Files::exists)
                    .map(file -> read(ROOT.relativize(file).toString()))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
