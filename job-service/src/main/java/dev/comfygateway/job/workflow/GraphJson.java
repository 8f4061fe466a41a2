package dev.comfygateway.job.workflow;

import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes graphs so that nothing is lost: the order of the nodes, integers of any size (seeds reach 2^64-1)
 * and decimal fractions as they were written.
 */
public final class GraphJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private GraphJson() {}

    /** Reads any object; throws {@link tools.jackson.core.JacksonException} when the text is not one. */
    public static Map<String, Object> read(byte[] text) {
        return JSON.readValue(text, OBJECT);
    }

    public static Map<String, Object> read(String text) {
        return JSON.readValue(text, OBJECT);
    }

    public static String write(Map<String, Object> graph) {
        return JSON.writeValueAsString(graph);
    }
}
