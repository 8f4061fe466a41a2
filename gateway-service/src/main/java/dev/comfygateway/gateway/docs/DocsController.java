package dev.comfygateway.gateway.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The API's description, a page to read and try it, and a signpost at the root. */
@RestController
class DocsController {

    private static final MediaType YAML = MediaType.parseMediaType("application/yaml;charset=utf-8");
    private static final Map<String, MediaType> PAGE_FILES = Map.of(
            "swagger-ui.css", MediaType.parseMediaType("text/css"),
            "swagger-ui-bundle.js", MediaType.parseMediaType("text/javascript"),
            "favicon-32x32.png", MediaType.IMAGE_PNG);
    private static final Set<String> OWN_FILES = Set.of("init.js");

    private final String library;

    DocsController() {
        try {
            String version = PropertiesLoaderUtils.loadProperties(
                            new ClassPathResource("META-INF/maven/org.webjars/swagger-ui/pom.properties"))
                    .getProperty("version");
            this.library = "META-INF/resources/webjars/swagger-ui/" + version + "/";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @GetMapping("/")
    Map<String, String> root() {
        return Map.of(
                "name",
                "ComfyUI Gateway",
                "docs",
                "/docs",
                "openapi",
                "/openapi.yaml",
                "health",
                "/health",
                "api",
                "/v1");
    }

    @GetMapping("/openapi.yaml")
    ResponseEntity<Resource> openApi() {
        return ResponseEntity.ok().contentType(YAML).body(new ClassPathResource("docs/openapi.yaml"));
    }

    @GetMapping({"/docs", "/docs/"})
    ResponseEntity<Resource> page() {
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("text/html;charset=utf-8"))
                .header(
                        "Content-Security-Policy",
                        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'")
                .body(new ClassPathResource("docs/index.html"));
    }

    @GetMapping("/docs/{file}")
    ResponseEntity<Resource> file(@PathVariable String file) {
        if (OWN_FILES.contains(file)) {
            return ResponseEntity.ok()
                    .contentType(MediaType.parseMediaType("text/javascript;charset=utf-8"))
                    .body(new ClassPathResource("docs/" + file));
        }
        MediaType type = PAGE_FILES.get(file);
        return type == null
                ? ResponseEntity.notFound().build()
                : ResponseEntity.ok().contentType(type).body(new ClassPathResource(library + file));
    }
}
