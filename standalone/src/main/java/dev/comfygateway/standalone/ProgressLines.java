package dev.comfygateway.standalone;

import java.io.PrintStream;
import java.util.Locale;

/** What the operator sees while the stack starts: one line per event, with the seconds since the beginning. */
final class ProgressLines {

    private final PrintStream out;
    private final long begin = System.nanoTime();

    ProgressLines(PrintStream out) {
        this.out = out;
    }

    void say(String text) {
        out.println(String.format(Locale.ROOT, "%6.1f s  %s", (System.nanoTime() - begin) / 1e9, text));
    }

    void warn(String text) {
        say("! " + text);
    }

    /** A line that belongs to the one before. */
    void note(String text) {
        out.println("          " + text);
    }
}
