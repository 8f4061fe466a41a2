package dev.comfygateway.testing;

import java.util.Map;
import org.testcontainers.images.AbstractImagePullPolicy;
import org.testcontainers.images.ImageData;
import org.testcontainers.utility.DockerImageName;

/** Has missing images pulled only when {@code CONTAINER_TESTS=pull} is in the environment. */
public final class PullWhenTold extends AbstractImagePullPolicy {

    static boolean told(Map<String, String> environment) {
        return "pull".equals(environment.get("CONTAINER_TESTS"));
    }

    @Override
    public boolean shouldPull(DockerImageName image) {
        return told(System.getenv()) && super.shouldPull(image);
    }

    @Override
    protected boolean shouldPullCached(DockerImageName image, ImageData local) {
        return false;
    }
}
