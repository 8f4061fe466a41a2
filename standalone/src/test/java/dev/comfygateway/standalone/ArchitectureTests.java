package dev.comfygateway.standalone;

import dev.comfygateway.testing.ArchitectureRules;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway.standalone");
    }
}
