package dev.comfygateway.k8s;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One mistake in one document.
 *
 * @param overlay in which it is made
 * @param finding part of what has to be said about it
 */
record Mutation(
        String overlay, String kind, String name, String what, Consumer<Map<String, Object>> change, String finding) {

    private static final String CONTAINERS = "spec/template/spec/containers/";

    void applyTo(List<Map<String, Object>> documents) {
        change.accept(Tree.find(documents, kind, name));
    }

    @Override
    public String toString() {
        return kind + " " + name + ": " + what;
    }

    /** In the overlay for production. */
    static Mutation put(String kind, String name, String path, Object value, String finding) {
        return new Mutation(
                "prod", kind, name, path + " = " + value, document -> Tree.put(document, path, value), finding);
    }

    static Mutation remove(String kind, String name, String path, String finding) {
        return new Mutation("prod", kind, name, "without " + path, document -> Tree.remove(document, path), finding);
    }

    static Mutation rename(String kind, String name, String path, String to, String finding) {
        return new Mutation(
                "prod", kind, name, path + " is " + to, document -> Tree.rename(document, path, to), finding);
    }

    /** A variable of the main container of job-service. */
    static Mutation variable(String variable, String path, Object value, String finding) {
        return put("Deployment", "job-service", CONTAINERS + "service/env/" + variable + "/" + path, value, finding);
    }

    /** Something of the main container of job-service. */
    static Mutation service(String path, Object value, String finding) {
        return put("Deployment", "job-service", CONTAINERS + "service/" + path, value, finding);
    }

    static Mutation serviceWithout(String path, String finding) {
        return remove("Deployment", "job-service", CONTAINERS + "service/" + path, finding);
    }

    /** Something of the pods of a worker. */
    static Mutation worker(String pool, String path, Object value, String finding) {
        return put("Deployment", "worker-" + pool, "spec/template/" + path, value, finding);
    }

    Mutation inDevelopment() {
        return new Mutation("dev", kind, name, what, change, finding);
    }
}
