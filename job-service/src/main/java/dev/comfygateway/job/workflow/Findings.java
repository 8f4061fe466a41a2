package dev.comfygateway.job.workflow;

import dev.comfygateway.contract.problem.FieldError;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a request, each finding with its place. */
public final class Findings {

    // A graph of garbage would otherwise be answered with more than was sent.
    private static final int MOST = 50;

    private final List<FieldError> errors = new ArrayList<>();

    public void add(String pointer, String detail) {
        if (errors.size() < MOST) {
            errors.add(new FieldError(pointer, detail));
        }
    }

    public boolean isEmpty() {
        return errors.isEmpty();
    }

    public List<FieldError> errors() {
        return List.copyOf(errors);
    }

    /** One step of a JSON pointer. */
    public static String step(String name) {
        return "/" + name.replace("~", "~0").replace("/", "~1");
    }
}
