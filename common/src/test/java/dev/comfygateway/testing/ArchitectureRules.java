package dev.comfygateway.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules for the code of every module; each module has a subclass that names its package, and may add its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class ArchitectureRules {

    private static final Set<String> BLOCKING = Set.of("block", "blockOptional", "blockFirst", "blockLast");

    private final String root;
    private final JavaClasses code;

    /** @param root package of the module; only its main code is looked at */
    protected ArchitectureRules(String root) {
        this.root = root;
        this.code = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(root);
    }

    /** The module's main code. */
    protected final JavaClasses code() {
        return code;
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(code).isNotEmpty();
        assertThat(code.stream().map(type -> type.getPackage()).distinct())
                .isNotEmpty()
                .allSatisfy(found -> assertThat(found.isAnnotatedWith(NullMarked.class))
                        .as(found.getName())
                        .isTrue());
    }

    @Test
    void nothingIsInjectedIntoFields() {
        fields().should()
                .notBeAnnotatedWith(DescribedPredicate.describe(
                        "injection",
                        annotation ->
                                annotation.getRawType().getSimpleName().matches("Autowired|Inject|Resource|Value")))
                .check(code);
    }

    @Test
    void namesSayWhatATypeDoes() {
        classes()
                .should()
                .haveSimpleNameNotEndingWith("Impl")
                .andShould()
                .haveSimpleNameNotEndingWith("Manager")
                .andShould()
                .haveSimpleNameNotEndingWith("Util")
                .andShould()
                .haveSimpleNameNotEndingWith("Utils")
                .andShould()
                .haveSimpleNameNotEndingWith("Helper")
                .check(code);
    }

    @Test
    void onlyTheBridgeWaitsForAPublisher() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.comfygateway.blocking.BlockingBridge")
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "the method blocks on a publisher",
                        (JavaMethodCall call) ->
                                call.getTarget().getOwner().getPackageName().equals("reactor.core.publisher")
                                        && BLOCKING.contains(call.getTarget().getName())))
                .check(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "messaging", "s3", "http"})
    void adaptersAreLeaves(String adapter) {
        noClasses()
                .that()
                .resideOutsideOfPackages(root + ".." + adapter + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(root + ".." + adapter + "..")
                .allowEmptyShould(true)
                .check(code);
    }

    @Test
    void controllersAndListenersLeaveTheDatabaseToOthers() {
        noClasses()
                .that()
                .resideInAnyPackage(root + "..web..", root + "..messaging..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(root + "..persistence..", "io.r2dbc..", "org.springframework.r2dbc..")
                .allowEmptyShould(true)
                .check(code);
    }
}
