package dev.comfygateway.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Writes one line per proved criterion, {@code id<TAB>Class.method}, when the test that proves it has passed. */
final class ProofRecorder implements TestWatcher {

    @Override
    public void testSuccessful(ExtensionContext context) {
        String test = context.getRequiredTestClass().getName() + "."
                + context.getRequiredTestMethod().getName();
        List<String> ids = new ArrayList<>();
        context.getElement()
                .map(element -> element.getAnnotation(Proves.class))
                .ifPresent(proves -> ids.addAll(Arrays.asList(proves.value())));
        Proves ofClass = context.getRequiredTestClass().getAnnotation(Proves.class);
        if (ofClass != null) {
            ids.addAll(Arrays.asList(ofClass.value()));
        }
        try {
            Path folder = Files.createDirectories(Path.of("target", "proofs"));
            Files.write(
                    folder.resolve(context.getRequiredTestClass().getName() + ".tsv"),
                    ids.stream().distinct().map(id -> id + "\t" + test).toList(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
