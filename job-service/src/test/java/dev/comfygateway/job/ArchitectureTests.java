package dev.comfygateway.job;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import dev.comfygateway.testing.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTests extends ArchitectureRules {

    ArchitectureTests() {
        super("dev.comfygateway.job");
    }

    /** So that every rule of a job's life can be read, and tried, without a database. */
    @Test
    void theLifecycleIsPure() {
        classes()
                .that()
                .resideInAPackage("dev.comfygateway.job.lifecycle")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "org.jspecify..", "dev.comfygateway.contract..", "dev.comfygateway.job.lifecycle")
                .check(code());
    }
}
