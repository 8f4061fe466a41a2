package dev.comfygateway.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Skips a test class, and says why, unless a Docker engine answers and has these images. Nothing is pulled: a build must
 * not depend on a registry. {@code CONTAINER_TESTS=pull} in the environment allows it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(ImagesCondition.class)
public @interface RequiresImages {
    ContainerImage[] value();
}
