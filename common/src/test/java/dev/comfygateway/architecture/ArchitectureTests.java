package dev.comfygateway.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class ArchitectureTests {

    private static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.comfygateway");

    @Test
    void contractsDependOnNothingElse() {
        classes()
                .that()
                .resideInAPackage("dev.comfygateway.contract..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.comfygateway.contract..")
                .check(CODE);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(CODE).isNotEmpty();
        assertThat(CODE.stream().map(type -> type.getPackage()).distinct())
                .isNotEmpty()
                .allSatisfy(
                        found -> assertThat(marked(found)).as(found.getName()).isTrue());
    }

    @Test
    void nothingIsInjectedIntoFields() {
        fields().should()
                .notBeAnnotatedWith(DescribedPredicate.describe(
                        "injection",
                        annotation ->
                                annotation.getRawType().getSimpleName().matches("Autowired|Inject|Resource|Value")))
                .check(CODE);
    }

    private static boolean marked(JavaPackage found) {
        return found.isAnnotatedWith(NullMarked.class);
    }
}
