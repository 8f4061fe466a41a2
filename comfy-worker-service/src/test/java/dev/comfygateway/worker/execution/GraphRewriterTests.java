package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.claim.Grant.InputUse;
import dev.comfygateway.testing.Proves;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
                new GraphRewriter(graph, List.of(asset), Map.of("as_1", "cg/x/a.png")).rewrite("cg/at", Set.of());

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

        Map<String, Object> result = new GraphRewriter(graph, List.of(), Map.of()).rewrite("cg/at", Set.of());

        assertThat(result)
                .isEqualTo(
                        Map.of("9", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", expected))));
    }

    @Test
    void leavesALinkedPrefixAlone() {
        Map<String, Object> graph =
                Map.of("9", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", List.of("3", 0))));

        assertThat(new GraphRewriter(graph, List.of(), Map.of()).rewrite("cg/at", Set.of()))
                .isEqualTo(graph);
    }

    @Test
    @Proves("S0-52")
    void passesEveryOtherNodeAndValueUntouched() {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put(
                "12:3",
                Map.of(
                        "class_type",
                        "VAEDecodeTiled",
                        "inputs",
                        Map.of("samples", List.of("5", 0), "tile_size", 512),
                        "_meta",
                        Map.of("title", "Decode")));
        graph.put(
                "5",
                Map.of(
                        "class_type",
                        "SomebodysOwn|Node",
                        "inputs",
                        Map.of(
                                "unet_name",
                                "flux1-dev-fp8_e4m3fn.safetensors",
                                "seed",
                                new java.math.BigInteger("18446744073709551615"),
                                "points",
                                Map.of("__value__", List.of(1, 2)),
                                "format.bit_depth",
                                "16-bit")));

        Map<String, Object> result = new GraphRewriter(graph, List.of(), Map.of()).rewrite("cg/at", Set.of());

        assertThat(result).isEqualTo(graph);
        assertThat(result.keySet()).containsExactly("12:3", "5");
    }

    @Test
    void makesNodesDifferThatShallRunAgain() {
        Map<String, Object> graph = Map.of(
                "8", Map.of("class_type", "PreviewImage", "inputs", Map.of("images", List.of("3", 0))),
                "9", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", "x")),
                "7", Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", List.of("3", 0))));

        Map<String, Object> result =
                new GraphRewriter(graph, List.of(), Map.of()).rewrite("cg/at-2", Set.of("7", "8", "9"));

        assertThat(result)
                .isEqualTo(Map.of(
                        "8",
                        Map.of(
                                "class_type",
                                "PreviewImage",
                                "inputs",
                                Map.of("images", List.of("3", 0), "comfy_gateway_run", "cg/at-2")),
                        "9",
                        Map.of("class_type", "SaveImage", "inputs", Map.of("filename_prefix", "cg/at-2/x")),
                        "7",
                        Map.of(
                                "class_type",
                                "SaveImage",
                                "inputs",
                                Map.of("filename_prefix", List.of("3", 0), "comfy_gateway_run", "cg/at-2"))));
    }
}
