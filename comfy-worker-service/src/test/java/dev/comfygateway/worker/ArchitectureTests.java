package dev.comfygateway.worker;

import dev.comfygateway.testing.ArchitectureRules;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway.worker");
    }
}
