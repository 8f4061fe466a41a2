package dev.comfygateway.testing;

import com.github.dockerjava.api.exception.NotFoundException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.ImageNameSubstitutor;

/** Decides for {@link RequiresImages}, before the test class is initialized. */
final class ImagesCondition implements ExecutionCondition {

    private static final String HINT = " (CONTAINER_TESTS=pull fetches what is missing)";

    private static final Logger log = LoggerFactory.getLogger(ImagesCondition.class);

    private final Engine engine;
    private final Map<String, String> environment;

    ImagesCondition() {
        this(DockerEngine.INSTANCE, System.getenv());
    }

    ImagesCondition(Engine engine, Map<String, String> environment) {
        this.engine = engine;
        this.environment = environment;
    }

    /** What there is to ask of a Docker engine. */
    interface Engine {

        /** Why it cannot be used; empty when it can. */
        Optional<String> fault();

        boolean has(String image);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        Optional<RequiresImages> required =
                AnnotationSupport.findAnnotation(context.getElement(), RequiresImages.class);
        if (required.isEmpty()) {
            return ConditionEvaluationResult.enabled("Asked of the class already");
        }
        ConditionEvaluationResult result = evaluate(List.of(required.get().value()));
        if (result.isDisabled()) {
            // Surefire keeps the reason to its report.
            log.info(
                    "{} skipped: {}",
                    context.getDisplayName(),
                    result.getReason().orElse(""));
        }
        return result;
    }

    ConditionEvaluationResult evaluate(List<ContainerImage> images) {
        Optional<String> fault = engine.fault();
        if (fault.isPresent()) {
            return ConditionEvaluationResult.disabled(fault.get());
        }
        if (PullWhenTold.told(environment)) {
            return ConditionEvaluationResult.enabled("Images may be pulled");
        }
        List<String> missing = images.stream()
                .map(image -> image.reference(environment))
                .filter(image -> !engine.has(image))
                .toList();
        if (missing.isEmpty()) {
            return ConditionEvaluationResult.enabled("The Docker engine has every image");
        }
        return ConditionEvaluationResult.disabled(
                "the Docker engine does not have " + String.join(", ", missing) + HINT);
    }

    /** The engine that Testcontainers finds. */
    private static final class DockerEngine implements Engine {

        /** One for all: Testcontainers looks only once, and tells only the first who asks what went wrong. */
        static final Engine INSTANCE = new DockerEngine();

        private final Optional<String> fault = find();

        private static Optional<String> find() {
            try {
                DockerClientFactory.instance().client();
                return Optional.empty();
            } catch (IllegalStateException e) {
                return Optional.of("no Docker engine answers");
            } catch (RuntimeException e) {
                // Testcontainers has images of its own, for example to clean up after a killed build.
                Throwable root = root(e);
                return Optional.of("the Docker engine cannot be used: "
                        + String.valueOf(root.getMessage()).strip()
                        + (root instanceof NotFoundException ? HINT : ""));
            }
        }

        private static Throwable root(Throwable thrown) {
            Throwable cause = thrown.getCause();
            return cause == null ? thrown : root(cause);
        }

        @Override
        public Optional<String> fault() {
            return fault;
        }

        @Override
        public boolean has(String image) {
            // A mirror may be configured.
            DockerImageName name = ImageNameSubstitutor.instance().apply(DockerImageName.parse(image));
            try {
                DockerClientFactory.instance()
                        .client()
                        .inspectImageCmd(name.asCanonicalNameString())
                        .exec();
                return true;
            } catch (NotFoundException e) {
                return false;
            }
        }
    }
}
