package dev.comfygateway.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.settings.InvalidSettingException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceUrlsTests {

    @Test
    void readsAListWithPathsAndHttps() {
        assertThat(ServiceUrls.parseList("COMFYUI_URL", "http://a:8188/, https://b.example/comfy/one/"))
                .containsExactly(URI.create("http://a:8188"), URI.create("https://b.example/comfy/one"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost:8188", "ftp://a", "http://", "http://a b", "http://a?x=1", "http://a,http://a/"})
    void namesTheVariableThatIsWrong(String text) {
        assertThatThrownBy(() -> ServiceUrls.parseList("COMFYUI_URL", text))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("COMFYUI_URL ");
    }
}
