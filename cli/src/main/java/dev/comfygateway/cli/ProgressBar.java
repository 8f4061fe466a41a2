package dev.comfygateway.cli;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;

/** One line that changes in place on a terminal; elsewhere one line for each change of state. */
final class ProgressBar {

    private static final int WIDTH = 30;

    private final PrintStream out;
    private final boolean terminal;
    private String state = "submitted";
    private String node = "";
    private double percent;
    private String drawn = "";

    ProgressBar(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    // Whether there can be none depends on the console module that the JDK selects.
    @SuppressWarnings("SystemConsoleNull")
    static ProgressBar onStandardOutput() {
        Console console = System.console();
        return new ProgressBar(System.out, console != null && console.isTerminal());
    }

    void accept(ServerEvent event) {
        switch (event.name()) {
            case "progress" -> {
                percent = Math.max(percent, event.data().path("percent").asDouble(percent));
                node = label(event);
            }
            case "node" -> {
                // A workflow without steps tells its progress by its nodes only.
                double done = event.data().path("nodesDone").asDouble(0);
                double total = event.data().path("nodesTotal").asDouble(0);
                percent = total > 0 ? Math.max(percent, Math.floor(100 * done / total)) : percent;
                node = label(event);
            }
            case "output" -> node = "output stored";
            case "end" -> {
                state = event.data().path("status").asString("ended");
                node = "";
                if (state.equals("succeeded")) {
                    percent = 100;
                }
            }
            default -> state = event.name();
        }
        draw();
        if (event.name().equals("end")) {
            finish();
        }
    }

    private String label(ServerEvent event) {
        String nodeClass = event.data().path("nodeClass").asString("");
        int step = event.data().path("step").asInt(0);
        int steps = event.data().path("steps").asInt(0);
        return steps > 1 ? nodeClass + " " + step + "/" + steps : nodeClass;
    }

    private void draw() {
        if (terminal) {
            int full = (int) Math.round(percent / 100 * WIDTH);
            String line = String.format(
                    Locale.ROOT,
                    "  [%s%s] %3.0f %%  %-9s %s",
                    "#".repeat(full),
                    "-".repeat(WIDTH - full),
                    percent,
                    state,
                    node);
            out.print("\r" + line + " ".repeat(Math.max(0, drawn.length() - line.length())));
            out.flush();
            drawn = line;
        } else {
            String line = String.format(Locale.ROOT, "  %3.0f %%  %-9s %s", percent, state, node)
                    .stripTrailing();
            if (!line.equals(drawn)) {
                out.println(line);
                drawn = line;
            }
        }
    }

    private void finish() {
        if (terminal) {
            out.println();
        }
    }
}
