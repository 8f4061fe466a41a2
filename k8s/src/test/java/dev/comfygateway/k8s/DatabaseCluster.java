package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import java.util.Objects;

/** CloudNativePG's resource (postgresql.cnpg.io/v1, Cluster) with the fields that are used here; any other one fails. */
record DatabaseCluster(String apiVersion, String kind, ObjectMeta metadata, Spec spec) {

    DatabaseCluster {
        Objects.requireNonNull(spec, "spec");
    }

    record Spec(
            int instances,
            String imageName,
            Bootstrap bootstrap,
            Postgresql postgresql,
            Storage storage,
            Storage walStorage,
            ResourceRequirements resources,
            Affinity affinity) {}

    record Bootstrap(InitDb initdb) {}

    record InitDb(String database, String owner) {}

    record Postgresql(Map<String, String> parameters, Synchronous synchronous) {}

    record Synchronous(Method method, int number) {}

    /** Its values, spelled as in the resource. */
    enum Method {
        any,
        first
    }

    record Storage(String size) {}

    record Affinity(String topologyKey, AntiAffinity podAntiAffinityType) {}

    /** Its values, spelled as in the resource. */
    enum AntiAffinity {
        preferred,
        required
    }
}
