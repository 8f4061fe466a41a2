package dev.comfygateway.job.submission.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.workflow.WorkflowTemplate;
import dev.comfygateway.job.workflow.WorkflowTemplate.InputSchema;
import dev.comfygateway.job.workflow.WorkflowTemplates;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The templates that jobs can be made from. */
@RestController
class WorkflowController {

    private final WorkflowTemplates templates;

    WorkflowController(WorkflowTemplates templates) {
        this.templates = templates;
    }

    record Summary(String id, String name, String description, InputSchema inputSchema) {}

    record Summaries(List<Summary> workflows) {}

    @GetMapping("/v1/workflows")
    Summaries all(Caller caller) {
        return new Summaries(templates.all().stream()
                .map(template ->
                        new Summary(template.id(), template.name(), template.description(), template.inputSchema()))
                .toList());
    }

    @GetMapping("/v1/workflows/{id}")
    WorkflowTemplate one(Caller caller, @PathVariable String id) {
        return templates
                .find(id)
                .orElseThrow(() ->
                        new ProblemException(ErrorCode.WORKFLOW_NOT_FOUND, "There is no workflow \"" + id + "\""));
    }
}
