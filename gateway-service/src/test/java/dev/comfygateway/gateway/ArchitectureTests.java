package dev.comfygateway.gateway;

import dev.comfygateway.testing.ArchitectureRules;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway.gateway");
    }
}
