package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.contract.worker.WorkerInventory;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses graphs that would read the server's own files. Job-service refuses what it knows; only the server's own
 * description says which inputs of custom nodes name files, so they are looked at again where that is known.
 */
final class GraphGuard {

    private GraphGuard() {}

    /**
     * Every input that names a file must be filled with an uploaded asset.
     *
     * @throws AttemptFailedException naming the inputs that are not
     */
    static void check(Map<String, Object> graph, List<InputAsset> assets, @Nullable WorkerInventory inventory) {
        if (inventory == null) {
            return;
        }
        Set<String> filled = new HashSet<>();
        assets.forEach(asset -> asset.uses().forEach(use -> filled.add(use.nodeId() + "\n" + use.input())));
        List<FieldError> errors = new ArrayList<>();
        graph.forEach((id, node) -> {
            String name = FailureMapper.classOf(graph, id);
            List<String> files =
                    name == null ? List.of() : inventory.fileInputs().getOrDefault(name, List.of());
            if (node instanceof Map<?, ?> fields && fields.get("inputs") instanceof Map<?, ?> inputs) {
                for (String file : files) {
                    Object value = inputs.get(file);
                    // A link could bring any text to where a file is named, past the server's own checks.
                    if (value != null && !"".equals(value) && !filled.contains(id + "\n" + file)) {
                        errors.add(new FieldError(
                                "/workflow/" + FailureMapper.escape(id) + "/inputs/" + FailureMapper.escape(file),
                                "must be the id of an uploaded asset (as_…)"));
                    }
                }
            }
        });
        if (!errors.isEmpty()) {
            throw new AttemptFailedException(new Failure(
                    ErrorCode.INVALID_WORKFLOW,
                    "The workflow names files of the ComfyUI server",
                    FailureCategory.VALIDATION,
                    false,
                    null,
                    null,
                    errors));
        }
    }
}
