package dev.comfygateway.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import dev.comfygateway.testing.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway");
    }

    @Test
    void contractsDependOnNothingElse() {
        classes()
                .that()
                .resideInAPackage("dev.comfygateway.contract..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.comfygateway.contract..")
                .check(code());
    }
}
