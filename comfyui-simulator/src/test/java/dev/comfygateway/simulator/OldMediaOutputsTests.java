package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Where the old release told its files in another way. */
@TestPropertySource(properties = "comfy.simulator.dialect=old")
class OldMediaOutputsTests extends SimulatorTestSupport {

    private JsonNode outputs(String graph) {
        return run(Json.parse("{" + graph + "}")).at("/outputs/2");
    }

    @Test
    void namesSoundsLikePictures() {
        JsonNode saved = outputs("""
                "1":{"class_type":"EmptyAudio","inputs":{"duration":0.1,"sample_rate":44100,"channels":1}},
                "2":{"class_type":"SaveAudio","inputs":{"audio":["1",0],"filename_prefix":"sh/aud"}}""");

        assertThat(saved.at("/audio/0/filename").stringValue()).isEqualTo("aud_00001_.flac");
    }

    @Test
    void saysNothingAboutTheMovementOfMasks() {
        JsonNode mask = outputs("""
                "1":{"class_type":"SolidMask","inputs":{"value":0.5,"width":32,"height":32}},
                "2":{"class_type":"MaskPreview","inputs":{"mask":["1",0]}}""");

        assertThat(mask.propertyNames()).containsExactly("images");
    }

    @Test
    void doesNotKnowTheNewerSavers() {
        assertThat(get("/object_info").propertyNames())
                .contains("SaveVideo", "SaveGLB", "ProbeLargeFile", "VHS_VideoCombine")
                .doesNotContain("SaveText", "ImageCompare", "SaveImageAdvanced");
    }
}
