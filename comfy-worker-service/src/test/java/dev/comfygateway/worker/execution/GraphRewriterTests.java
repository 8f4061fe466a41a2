package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.claim.Grant.InputUse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphRewriterTests {

    @Test
    void namesUploadedFilesWhereTheyAreUsedAndDropsCacheMarkers() {
        Map<String, Object> graph = Map.of(
                "1",
                Map.of(
                        "class_type", "LoadImage",
                        "inputs", Map.of("image", "as_1", "other", 5),
                        "is_changed", List.of("abc")));
        InputAsset asset = new InputAsset("as_1", "a.png", 1, "00", List.of(new InputUse("1", "image")));

        Map<String, Object> result =
                GraphRewriter.rewrite(graph, List.of(asset), Map.of("as_1", "cg/x/a.png"), "cg/at");

        assertThat(result)
                .isEqualTo(Map.of(
                        "1", Map.of("class_type", "LoadImage", "inputs", Map.of("image", "cg/x/a.png", "other", 5))));
    }

    @ParameterizedTest
    @CsvSource({
        "plain, cg/at/plain",
        "folder/name, cg/at/folder/name",
        "../../escape, cg/at/escape",
        "/absolute/name, cg/at/absolute/name",
        "'..\\..\\up', cg/at/up",
        "'', cg/at/ComfyUI"
    })
    void keepsPrefixesInsideTheFolderOfTheAttempt(String prefix, String expected) {
        Map<String, Object> graph =
                Map.of("9", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", prefix)));

        Map<String, Object> result = GraphRewriter.rewrite(graph, List.of(), Map.of(), "cg/at");

        assertThat(result)
                .isEqualTo(
                        Map.of("9", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", expected))));
    }

    @Test
    void leavesALinkedPrefixAlone() {
        Map<String, Object> graph =
                Map.of("9", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", List.of("3", 0))));

        assertThat(GraphRewriter.rewrite(graph, List.of(), Map.of(), "cg/at")).isEqualTo(graph);
    }
}
