package dev.comfygateway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.comfygateway.docs.Proofs.Claim;
import dev.comfygateway.docs.Proofs.Green;
import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.RuntimeVisibleAnnotationsAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProofsTests {

    private static final ClassDesc EXAMPLE = ClassDesc.of("a.b.Example$InnerTests");

    @Test
    void readsClaimsFromCompiledClasses(@TempDir Path module) throws IOException {
        compile(module, 0, proves("S0-1"));

        assertThat(Proofs.claims(module))
                .containsExactly(
                        new Claim("S0-1", "a.b.Example$InnerTests", "", false),
                        new Claim("S0-2", "a.b.Example$InnerTests", "works", false),
                        new Claim("S0-3", "a.b.Example$InnerTests", "works", false));
        assertThat(Proofs.claims(module).getLast().label()).isEqualTo("Example.InnerTests.works");
    }

    @Test
    void marksClaimsOfAbstractClasses(@TempDir Path module) throws IOException {
        compile(module, ClassFile.ACC_ABSTRACT, proves("S0-1"));

        assertThat(Proofs.claims(module)).hasSize(3).allMatch(Claim::inherited);
    }

    @Test
    void readsTheTagThatKeepsATestOutOfEveryBuild(@TempDir Path module) throws IOException {
        compile(
                module,
                0,
                RuntimeVisibleAnnotationsAttribute.of(Annotation.of(
                        ClassDesc.of("org.junit.jupiter.api.Tag"), AnnotationElement.ofString("value", "load"))));

        assertThat(Proofs.claims(module))
                .hasSize(2)
                .allMatch(claim -> claim.profile().equals("load"));
    }

    /** Writes a class as the compiler would; a real one among the tests would count as a claim. */
    private static void compile(Path module, int flags, RuntimeVisibleAnnotationsAttribute ofClass) throws IOException {
        Path classes = Files.createDirectories(module.resolve("target/test-classes"));
        ClassFile.of()
                .buildTo(
                        classes.resolve("Example$InnerTests.class"),
                        EXAMPLE,
                        type -> type.withFlags(flags)
                                .with(ofClass)
                                .withMethod(
                                        "works",
                                        ConstantDescs.MTD_void,
                                        ClassFile.ACC_ABSTRACT,
                                        method -> method.with(proves("S0-2", "S0-3"))));
    }

    private static RuntimeVisibleAnnotationsAttribute proves(String... ids) {
        return RuntimeVisibleAnnotationsAttribute.of(Annotation.of(
                ClassDesc.of("dev.comfygateway.testing.Proves"),
                AnnotationElement.ofArray(
                        "value",
                        Arrays.stream(ids).map(AnnotationValue::ofString).toArray(AnnotationValue[]::new))));
    }

    @Test
    void readsWhatTestsAppended(@TempDir Path module) throws IOException {
        Path proofs = Files.createDirectories(module.resolve("target/proofs"));
        Files.writeString(proofs.resolve("a.JobTests.tsv"), "S0-1\ta.JobTests.answers\nS0-2\ta.Job$InnerTests.works\n");

        assertThat(Proofs.green(module))
                .containsExactly(
                        new Green("S0-1", "a.JobTests", "answers"), new Green("S0-2", "a.Job$InnerTests", "works"));
        assertThatIllegalArgumentException().isThrownBy(() -> Proofs.parse("S0-1 a.JobTests.answers"));
    }

    @Test
    void findsNothingWhereThereAreNoTests(@TempDir Path module) throws IOException {
        assertThat(Proofs.claims(module)).isEmpty();
        assertThat(Proofs.green(module)).isEmpty();
    }
}
