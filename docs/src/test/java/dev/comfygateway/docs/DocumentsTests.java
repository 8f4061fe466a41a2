package dev.comfygateway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.problem.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The hand-written pages agree with the code and with each other. */
class DocumentsTests {

    private static final Path DOCS = Path.of("").toAbsolutePath();
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:|mailto:|#)([^)#\\s]+)(#[^)]*)?\\)");

    @Test
    void everyErrorCodeHasAPage() throws IOException {
        try (Stream<Path> pages = Files.list(DOCS.resolve("problems"))) {
            assertThat(pages.map(page -> page.getFileName().toString()).filter(name -> !name.equals("README.md")))
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(ErrorCode.values())
                            .map(code -> code.name().toLowerCase(Locale.ROOT) + ".md")
                            .toList());
        }
    }

    @Test
    void everyErrorPageStatesWhatTheCodeSays() throws IOException {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(DOCS.resolve("problems/" + code.name().toLowerCase(Locale.ROOT) + ".md"))
                    .content()
                    .startsWith("# " + code.name() + "\n")
                    .contains("**" + code.title() + "** · HTTP " + code.status() + " · "
                            + (code.retryable() ? "retryable" : "not retryable"));
        }
    }

    @Test
    void everyRelativeLinkLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            Matcher link = LINK.matcher(Files.readString(page));
            while (link.find()) {
                if (!Files.exists(page.resolveSibling(link.group(1)))) {
                    broken.add(page.getFileName() + " -> " + link.group(1));
                }
            }
        }

        assertThat(broken).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(DOCS.resolveSibling(""));
                Stream<Path> docs = Files.walk(DOCS)) {
            return Stream.concat(top, docs.filter(page -> !page.startsWith(DOCS.resolve("target"))))
                    .filter(page -> page.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }
}
