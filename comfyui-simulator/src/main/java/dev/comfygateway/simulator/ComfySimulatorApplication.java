package dev.comfygateway.simulator;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the simulator. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class ComfySimulatorApplication {

    ComfySimulatorApplication() {}

    /** Starts the application. */
    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        SpringApplication.run(ComfySimulatorApplication.class, args);
    }
}
