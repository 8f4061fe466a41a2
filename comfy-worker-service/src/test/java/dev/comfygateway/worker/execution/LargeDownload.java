package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.output.FetchedOutput;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.Outputs;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;

/** Fetches one output in a process of its own, whose heap is far smaller than the output. */
final class LargeDownload {

    private LargeDownload() {}

    /** Prints the size and the type of the file that the arguments name: address, name, subfolder, type. */
    public static void main(String[] args) throws InterruptedException {
        Backend backend = TestBackends.of(URI.create(args[0]));
        OutputFile file = new OutputFile("1", args[1], args[2], args[3]);
        List<FetchedOutput> fetched = new OutputFetcher(TestBackends.spool())
                .fetch("j", new Outputs(List.of(file), Set.of(), List.of()), List.of(), 2, backend.client(), () -> {})
                .orElseThrow();
        FetchedOutput output = fetched.getFirst();
        System.out.println("fetched " + output.file().size() + " " + output.contentType());
        output.file().close();
    }

    /** Blocks; returns what {@link #main} printed last. */
    static String run(int heapMegabytes, URI server, OutputFile file) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx" + heapMegabytes + "m",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeDownload.class.getName(),
                        server.toString(),
                        file.filename(),
                        file.subfolder(),
                        file.type())
                .redirectErrorStream(true)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        return process.waitFor() == 0 ? lines.getLast() : String.join("\n", lines);
    }
}
