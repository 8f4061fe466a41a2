package dev.comfygateway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class BuildTests {

    private static final String ALL = "[MavenProject: dev.comfygateway:comfyui-gateway:0.1.0-SNAPSHOT @ /src/pom.xml,"
            + " MavenProject: dev.comfygateway:common:0.1.0-SNAPSHOT @ /src/common/pom.xml,"
            + " MavenProject: dev.comfygateway:docs:0.1.0-SNAPSHOT @ /src/docs/pom.xml]";

    @Test
    void knowsACompleteBuild() {
        Build build = Build.parse(
                "root=/src/docs/..", "projects=" + ALL, "allProjects=" + ALL, "skip=${skipTests}", "skip=false");

        assertThat(build.complete()).isTrue();
        assertThat(build.tested()).isTrue();
        assertThat(build.root()).isEqualTo(Path.of("/src"));
        assertThat(build.modules())
                .containsExactly(
                        java.util.Map.entry("common", Path.of("/src/common")),
                        java.util.Map.entry("docs", Path.of("/src/docs")));
    }

    @Test
    void knowsAPartialBuild() {
        Build build = Build.parse(
                "root=/src/docs/..",
                "projects=[MavenProject: dev.comfygateway:docs:0.1.0-SNAPSHOT @ /src/docs/pom.xml]",
                "allProjects=" + ALL);

        assertThat(build.complete()).isFalse();
        assertThat(build.modules()).containsOnlyKeys("docs");
    }

    @Test
    void knowsWhenTestsAreLeftOut() {
        assertThat(Build.parse("skip=true").tested()).isFalse();
        assertThat(Build.parse("skip=").tested()).isFalse();
        assertThat(Build.parse("skip=JobTests").tested()).isFalse();
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatIllegalArgumentException().isThrownBy(() -> Build.parse("fast=true"));
    }
}
