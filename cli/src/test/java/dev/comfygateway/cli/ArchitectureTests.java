package dev.comfygateway.cli;

import dev.comfygateway.testing.ArchitectureRules;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway.cli");
    }
}
