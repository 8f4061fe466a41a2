package dev.comfygateway.job;

import dev.comfygateway.testing.ContainerImage;
import dev.comfygateway.testing.RequiresImages;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;

/** The same over PostgreSQL and Kafka in containers. They end with the class, not with the last test of the module. */
@RequiresImages({ContainerImage.POSTGRES, ContainerImage.KAFKA})
@ContextConfiguration(classes = ContainerServers.class, inheritLocations = false)
@DirtiesContext
class JobServiceContainerTests extends JobServiceTests {}
