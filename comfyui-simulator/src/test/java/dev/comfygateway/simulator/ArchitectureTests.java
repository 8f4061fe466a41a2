package dev.comfygateway.simulator;

import dev.comfygateway.testing.ArchitectureRules;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway.simulator");
    }
}
