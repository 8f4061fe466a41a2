package dev.comfygateway.worker;

import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.worker.claim.KafkaConnection;
import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.settings.IdentityProperties;
import dev.comfygateway.worker.settings.OutputProperties;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Beans made out of settings. */
@Configuration(proxyBeanMethods = false)
class WorkerConfiguration {

    @Bean
    WorkerIdentity workerIdentity(IdentityProperties properties, Environment environment) {
        String id = properties.id();
        if (id == null || id.isBlank()) {
            // With the port, because two workers on one machine must not end each other's leases.
            id = hostName() + "-" + environment.getProperty("server.port", "8084");
        }
        if (!id.matches("[A-Za-z0-9._-]{1,128}")) {
            throw new InvalidSettingException("WORKER_ID", "may have letters, digits, '.', '_' and '-' only");
        }
        if (!properties.pool().matches("[A-Za-z0-9._-]{1,64}")) {
            throw new InvalidSettingException("WORKER_POOL", "may have letters, digits, '.', '_' and '-' only");
        }
        return new WorkerIdentity(id, UUID.randomUUID().toString(), properties.pool());
    }

    @Bean
    Spool spool(OutputProperties properties, WorkerIdentity identity) {
        try {
            return new Spool(
                    properties.spool().resolve(identity.workerId()),
                    Math.toIntExact(properties.memoryLimit().toBytes()));
        } catch (IOException e) {
            throw new InvalidSettingException("WORKER_SPOOL_DIR", "is not a folder this process can write to");
        }
    }

    @Bean
    KafkaConnection kafkaConnection(KafkaConnectionDetails details, KafkaProperties properties) {
        Map<String, Object> settings = new HashMap<>(properties.getProperties());
        settings.putAll(properties.getSecurity().buildProperties());
        settings.putAll(properties.getSsl().buildProperties());
        KafkaConnectionDetails.Configuration consumer = details.getConsumer();
        settings.put("bootstrap.servers", String.join(",", consumer.getBootstrapServers()));
        String protocol = consumer.getSecurityProtocol();
        if (protocol != null) {
            settings.put("security.protocol", protocol);
        }
        return new KafkaConnection(settings);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
        } catch (UnknownHostException e) {
            return "worker";
        }
    }
}
