package dev.comfygateway.testing;

import java.util.Map;

/** The images that tests with containers use. An environment variable puts another one in the place of each. */
public enum ContainerImage {
    POSTGRES("postgres:18.6", "TEST_POSTGRES_IMAGE"),
    KAFKA("apache/kafka:4.2.1", "TEST_KAFKA_IMAGE");

    private final String standard;
    private final String variable;

    ContainerImage(String standard, String variable) {
        this.standard = standard;
        this.variable = variable;
    }

    /** The image to use: what the environment says, or else the pinned one. */
    public String reference() {
        return reference(System.getenv());
    }

    String reference(Map<String, String> environment) {
        String other = environment.getOrDefault(variable, "").strip();
        return other.isEmpty() ? standard : other;
    }

    /** The pinned image without its tag, for which another image has to stand in. */
    String repository() {
        return standard.substring(0, standard.indexOf(':'));
    }
}
