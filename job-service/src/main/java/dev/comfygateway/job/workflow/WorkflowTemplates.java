package dev.comfygateway.job.workflow;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The bundled templates. */
@Component
public class WorkflowTemplates {

    private final Map<String, WorkflowTemplate> byId = new TreeMap<>();

    WorkflowTemplates(JsonMapper json) throws IOException {
        for (Resource file : new PathMatchingResourcePatternResolver().getResources("classpath*:workflows/*.json")) {
            try (InputStream content = file.getInputStream()) {
                WorkflowTemplate template = json.readValue(content, WorkflowTemplate.class);
                byId.put(template.id(), template);
            }
        }
    }

    public Optional<WorkflowTemplate> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    public List<WorkflowTemplate> all() {
        return List.copyOf(byId.values());
    }
}
