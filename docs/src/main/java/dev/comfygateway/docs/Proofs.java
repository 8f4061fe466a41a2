package dev.comfygateway.docs;

import java.io.IOException;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.AttributedElement;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds what the tests of a module claim to prove, and what those that ran green did prove. */
final class Proofs {

    /** By name: the annotation is test code of another module. */
    private static final String PROVES = "Ldev/comfygateway/testing/Proves;";

    private static final String TAG = "Lorg/junit/jupiter/api/Tag;";

    private Proofs() {}

    /**
     * A claim in the code.
     *
     * @param id the criterion
     * @param testClass binary name
     * @param method the test, or empty when the whole class makes the claim
     * @param inherited whether the class is abstract, so that the test runs under another class's name
     * @param profile the Maven profile that runs the test, which is its tag; empty when every build does
     */
    record Claim(String id, String testClass, String method, boolean inherited, String profile) {

        Claim(String id, String testClass, String method, boolean inherited) {
            this(id, testClass, method, inherited, "");
        }

        boolean supportedBy(Green green) {
            return id.equals(green.id())
                    && (inherited || testClass.equals(green.testClass()))
                    && (method.isEmpty() || method.equals(green.method()));
        }

        /** Short and unique enough for a reader: simple class name and method. */
        String label() {
            String simple = testClass.substring(testClass.lastIndexOf('.') + 1).replace('$', '.');
            return method.isEmpty() ? simple : simple + "." + method;
        }
    }

    /** A test that passed in this build, with one criterion it proves. */
    record Green(String id, String testClass, String method) {}

    /** Claims in the compiled test classes of a module; none when it has no tests. */
    static List<Claim> claims(Path module) throws IOException {
        List<Claim> claims = new ArrayList<>();
        for (Path file : files(module.resolve("target/test-classes"), ".class")) {
            ClassModel type = ClassFile.of().parse(file);
            String name = type.thisClass().asInternalName().replace('/', '.');
            boolean inherited = type.flags().has(AccessFlag.ABSTRACT);
            String profile = values(type, TAG).findFirst().orElse("");
            values(type, PROVES).forEach(id -> claims.add(new Claim(id, name, "", inherited, profile)));
            for (MethodModel method : type.methods()) {
                String methodName = method.methodName().stringValue();
                String methodProfile = values(method, TAG).findFirst().orElse(profile);
                values(method, PROVES)
                        .forEach(id -> claims.add(new Claim(id, name, methodName, inherited, methodProfile)));
            }
        }
        return claims;
    }

    /** Lines {@code id<TAB>class.method} that the tests of a module appended when they passed. */
    static List<Green> green(Path module) throws IOException {
        List<Green> green = new ArrayList<>();
        for (Path file : files(module.resolve("target/proofs"), ".tsv")) {
            for (String line : Files.readAllLines(file)) {
                if (!line.isBlank()) {
                    green.add(parse(line));
                }
            }
        }
        return green;
    }

    static Green parse(String line) {
        int tab = line.indexOf('\t');
        int dot = line.lastIndexOf('.');
        if (tab < 1 || dot < tab) {
            throw new IllegalArgumentException("Not a proof: " + line);
        }
        return new Green(line.substring(0, tab), line.substring(tab + 1, dot), line.substring(dot + 1));
    }

    private static Stream<String> values(AttributedElement element, String annotationType) {
        return element.findAttribute(Attributes.runtimeVisibleAnnotations()).stream()
                .flatMap(found -> found.annotations().stream())
                .filter(annotation -> annotation.className().equalsString(annotationType))
                .flatMap(annotation -> annotation.elements().stream())
                .map(AnnotationElement::value)
                .flatMap(Proofs::strings);
    }

    private static Stream<String> strings(AnnotationValue value) {
        return switch (value) {
            case AnnotationValue.OfArray array -> array.values().stream().flatMap(Proofs::strings);
            case AnnotationValue.OfString string -> Stream.of(string.stringValue());
            default -> Stream.empty();
        };
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }
}
