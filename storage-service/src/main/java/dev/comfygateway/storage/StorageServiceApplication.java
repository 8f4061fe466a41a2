package dev.comfygateway.storage;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the storage service. */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
public class StorageServiceApplication {

    /** Runs until stopped. */
    public static void main(String[] args) {
        SpringApplication.run(StorageServiceApplication.class, args);
    }
}
