package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.topic.TopicSetup;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** In which order the topics and what belongs to them come to be, on the broker of these tests. */
class TopicSetupOrderTests extends JobServiceScenario {

    @Autowired
    ServerAddresses addresses;

    @Test
    void whoeverSeesATopicFindsTheSettingsOfItsGroup() throws InterruptedException {
        List<String> calls = new CopyOnWriteArrayList<>();
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, addresses.brokers()))) {
            Admin recording = (Admin) Proxy.newProxyInstance(
                    Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, (proxy, method, arguments) -> {
                        calls.add(method.getName());
                        try {
                            return method.invoke(admin, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });

            new TopicSetup(recording, Optional.of((short) 1))
                    .apply(Set.of(pool, anotherPool()), Duration.ofSeconds(30));
        }

        assertThat(calls).contains("incrementalAlterConfigs");
        assertThat(calls.indexOf("createTopics")).isGreaterThan(calls.lastIndexOf("incrementalAlterConfigs"));
    }
}
