package dev.comfygateway.docs;

import java.io.IOException;

/** Writes every generated document; the build's entry point. */
public final class GenerateDocuments {

    private GenerateDocuments() {}

    /**
     * @param args see {@link Build#parse(String...)}
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String... args) throws IOException {
        MetricsReference.main(args);
        ConfigurationReference.main(args);
        TransitionTable.main(args);
        AcceptanceReport.main(args);
    }
}
