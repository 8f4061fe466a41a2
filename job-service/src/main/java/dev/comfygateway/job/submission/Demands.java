package dev.comfygateway.job.submission;

import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.job.lifecycle.persistence.Demand;
import dev.comfygateway.job.needs.Needs;
import dev.comfygateway.job.needs.NeedsMatcher.Missing;
import dev.comfygateway.job.needs.NeedsTable;
import dev.comfygateway.job.needs.Runnability;
import dev.comfygateway.job.usage.Estimate;
import dev.comfygateway.job.usage.RunTimes;
import dev.comfygateway.job.usage.Shapes;
import dev.comfygateway.job.workflow.Findings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Works out what a graph asks of a pool: what a worker must have, and how long it will be busy. */
@Component
public class Demands {

    private final Runnability runnability;
    private final NeedsTable needsTable;
    private final RunTimes runTimes;

    Demands(Runnability runnability, NeedsTable needsTable, RunTimes runTimes) {
        this.runnability = runnability;
        this.needsTable = needsTable;
        this.runTimes = runTimes;
    }

    /** What the graph needs in its pool. */
    public Needs needs(SubmitJobCommand command) {
        return runnability.needs(command.pool(), command.graph(), command.vramMb(), command.gpu());
    }

    /** What no known worker of the pool has; empty when one has it, or when it may yet come. */
    public Optional<Missing> missing(SubmitJobCommand command, Needs needs) {
        return runnability.missing(command.pool(), needs);
    }

    /** How long the graph runs by experience. */
    public Mono<Estimate> estimate(SubmitJobCommand command, Needs needs) {
        return runTimes.estimate(command.pool(), Shapes.of(command.graph(), needs.files()));
    }

    /** What is stored with the job. */
    public Mono<Demand> demand(SubmitJobCommand command, Needs needs) {
        List<String> shapes = Shapes.of(command.graph(), needs.files());
        NeedsTable.Stored stored = needsTable.stored(needs);
        return runTimes.estimate(command.pool(), shapes)
                .map(estimate -> new Demand(
                        command.submittedBy(),
                        stored.id(),
                        stored.content(),
                        List.copyOf(needs.files()),
                        command.vramMb(),
                        estimate.p50(),
                        estimate.deviation(),
                        estimate.runs(),
                        shapes.getFirst()));
    }

    /** One finding for each place of the graph that asks for something missing. */
    static List<FieldError> findings(SubmitJobCommand command, Missing missing) {
        List<FieldError> errors = new ArrayList<>();
        command.graph().forEach((id, value) -> {
            if (!(value instanceof Map<?, ?> node) || !(node.get("class_type") instanceof String nodeClass)) {
                return;
            }
            String pointer = command.graphPointer() + Findings.step(id);
            if (missing.nodeClasses().contains(nodeClass)) {
                errors.add(new FieldError(
                        pointer + "/class_type", "No worker of the pool has the node class " + nodeClass));
            }
            if (node.get("inputs") instanceof Map<?, ?> inputs) {
                inputs.forEach((name, input) -> {
                    Set<String> absent = missing.models().get(nodeClass + "." + name);
                    if (absent != null && input instanceof String file && absent.contains(file)) {
                        errors.add(new FieldError(
                                pointer + "/inputs" + Findings.step(String.valueOf(name)),
                                "No worker of the pool has the model file " + file));
                    }
                });
            }
        });
        if (missing.vram()) {
            errors.add(new FieldError("/requirements/vramMb", "No worker of the pool has so much GPU memory"));
        }
        if (missing.gpu()) {
            errors.add(new FieldError("/requirements/gpu", "No worker of the pool has such a GPU"));
        }
        return errors;
    }
}
