package dev.comfygateway.worker.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.output.Outputs.TextOutput;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OutputsTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "images | {\"images\":[{\"filename\":\"a.png\",\"subfolder\":\"s\",\"type\":\"output\"}]}",
                "animated | {\"images\":[{\"filename\":\"a.webp\",\"subfolder\":\"s\",\"type\":\"output\"}],\"animated\":[true]}",
                "gifs | {\"gifs\":[{\"filename\":\"a.mp4\",\"subfolder\":\"s\",\"type\":\"output\",\"format\":\"video/h264-mp4\",\"frame_rate\":8.0}]}",
                "audio | {\"audio\":[{\"filename\":\"a.flac\",\"subfolder\":\"s\",\"type\":\"output\"}]}",
                "latents | {\"latents\":[{\"filename\":\"a.latent\",\"subfolder\":\"s\",\"type\":\"output\"}]}",
                "3d | {\"3d\":[{\"filename\":\"a.glb\",\"subfolder\":\"s\",\"type\":\"output\"}]}",
                "files with text | {\"text\":[\"hello\"],\"files\":[{\"filename\":\"a.txt\",\"subfolder\":\"s\",\"type\":\"output\"}]}",
                "one object, no list | {\"video\":{\"filename\":\"a.mp4\",\"subfolder\":\"s\",\"type\":\"output\"}}",
                "name of a model | {\"result\":[\"s/a.glb [output]\",{\"position\":1},null]}",
                "ids of assets | {\"images\":[{\"id\":\"x\",\"preview_id\":null,\"filename\":\"a.png\",\"subfolder\":\"s\",\"type\":\"output\"}]}"
            })
    void findsFilesUnderAnyKey(String name, String output) {
        Outputs outputs = find("{\"7\":" + output + "}", "{}");

        assertThat(outputs.files()).as(name).singleElement().satisfies(file -> {
            assertThat(file.nodeId()).isEqualTo("7");
            assertThat(file.filename()).startsWith("a.");
            assertThat(file.subfolder()).isEqualTo("s");
            assertThat(file.type()).isEqualTo("output");
        });
        assertThat(outputs.texts()).isEmpty();
    }

    @Test
    void takesPreviewsOnlyWhenThereIsNothingElse() {
        String preview = "\"6\":{\"images\":[{\"filename\":\"t.png\",\"subfolder\":\"\",\"type\":\"temp\"}]}";
        String saved = "\"5\":{\"images\":[{\"filename\":\"o.png\",\"subfolder\":\"\",\"type\":\"output\"}]}";
        String text = "\"4\":{\"text\":[\"said\"]}";

        assertThat(find("{" + preview + "}", "{}").files())
                .extracting(OutputFile::filename)
                .containsExactly("t.png");
        assertThat(find("{" + preview + "," + saved + "}", "{}").files())
                .extracting(OutputFile::filename)
                .containsExactly("o.png");
        Outputs said = find("{" + preview + "," + text + "}", "{}");
        assertThat(said.files()).extracting(OutputFile::filename).containsExactly("t.png");
        assertThat(said.texts()).containsExactly(new TextOutput("4", "said"));
    }

    @Test
    void ignoresWhatNamesNoResult() {
        Outputs outputs = find("""
                {"1":{"images":[{"filename":"in.png","subfolder":"","type":"input"}]},
                "2":{"text":["",7,null],"animated":[true],"result":["camera","notes.txt"]},
                "3":{"images":null},"4":null}""", "{}");

        assertThat(outputs.isEmpty()).isTrue();
    }

    @Test
    void doesNotTrustAFileThatATextNames() {
        Outputs outputs = find("""
                {"1":{"result":["others/secret.glb",null]},
                "2":{"3d":[{"filename":"own.glb","subfolder":"","type":"output"}],"result":["own.glb"]}}""", "{}");

        assertThat(outputs.files()).hasSize(2);
        assertThat(outputs.trusting(file -> false).files())
                .extracting(OutputFile::filename)
                .containsExactly("own.glb");
        assertThat(outputs.trusting(file -> true)).isEqualTo(outputs);
    }

    @Test
    void countsExpandedNodesAsTheNodeTheyComeFrom() {
        Outputs outputs = find(
                "{\"2.0.0.3\":{\"images\":[{\"filename\":\"a.png\",\"subfolder\":\"\",\"type\":\"output\"}]}}",
                "{\"2.0.0.3\":{\"node_id\":\"2.0.0.3\",\"display_node\":\"2\"}}");

        assertThat(outputs.nodes()).isEqualTo(java.util.Set.of("2"));
        assertThat(outputs.files()).isEqualTo(List.of(new OutputFile("2", "a.png", "", "output")));
    }

    private static Outputs find(String outputs, String meta) {
        JsonMapper json = JsonMapper.shared();
        JsonNode found = json.readTree(outputs);
        return Outputs.find(found, json.readTree(meta));
    }
}
