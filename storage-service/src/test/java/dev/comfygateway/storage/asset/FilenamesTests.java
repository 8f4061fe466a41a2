package dev.comfygateway.storage.asset;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilenamesTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a.png; a.png",
                "../../etc/passwd; passwd",
                "C:\\dir\\a.png; a.png",
                "..; file",
                "a/; file",
                "a?b:c.png; a_b_c.png",
                "猫 1.png; 猫 1.png"
            })
    void cleans(String name, String clean) {
        assertThat(Filenames.clean(name)).isEqualTo(clean);
    }

    @Test
    void keepsTheExtensionOfALongName() {
        assertThat(Filenames.clean("猫".repeat(300) + ".png")).hasSize(150).endsWith("猫.png");
    }

    @Test
    void makesPlainKeys() {
        assertThat(ObjectKeys.upload("as_1", "Größe 1..2.png")).isEqualTo("assets/as_1/Gr__e_1_2.png");
        assertThat(ObjectKeys.output("j_1", "at_1", 3, ".hidden")).isEqualTo("jobs/j_1/at_1/3__hidden");
    }

    @Test
    void cannotBeTrickedIntoAnotherHeader() {
        assertThat(Filenames.contentDisposition("a\".svg", "image/svg+xml; charset=utf-8"))
                .isEqualTo("attachment; filename=\"a_.svg\"; filename*=UTF-8''a%22.svg");
    }
}
