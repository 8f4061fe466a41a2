package dev.comfygateway.k8s;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a document into the type of its kind and refuses what the cluster would refuse or, worse, ignore: unknown
 * fields, numbers in place of texts, unknown words. The model classes would take in unknown fields by their any-setters,
 * so these do not count.
 */
final class StrictReader {

    private static final Map<String, Class<?>> TYPES = Map.ofEntries(
            Map.entry("v1 ConfigMap", ConfigMap.class),
            Map.entry("v1 Namespace", Namespace.class),
            Map.entry("v1 Secret", Secret.class),
            Map.entry("v1 Service", Service.class),
            Map.entry("v1 ServiceAccount", ServiceAccount.class),
            Map.entry("apps/v1 Deployment", Deployment.class),
            Map.entry("apps/v1 StatefulSet", StatefulSet.class),
            Map.entry("batch/v1 Job", Job.class),
            Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
            Map.entry("rbac.authorization.k8s.io/v1 Role", Role.class),
            Map.entry("rbac.authorization.k8s.io/v1 RoleBinding", RoleBinding.class),
            Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class),
            Map.entry("kafka.strimzi.io/v1 Kafka", Kafka.class),
            Map.entry("kafka.strimzi.io/v1 KafkaNodePool", KafkaNodePool.class),
            Map.entry("keda.sh/v1alpha1 ScaledObject", ScaledObject.class),
            Map.entry("postgresql.cnpg.io/v1 Cluster", DatabaseCluster.class));

    /** What the models keep as any text. */
    private static final Map<String, Set<String>> WORDS = Map.of(
            "restartPolicy", Set.of("Always", "OnFailure", "Never"),
            "imagePullPolicy", Set.of("Always", "IfNotPresent", "Never"),
            "protocol", Set.of("TCP", "UDP", "SCTP"),
            "policyTypes", Set.of("Ingress", "Egress"),
            "effect", Set.of("NoSchedule", "PreferNoSchedule", "NoExecute"),
            "operator", Set.of("In", "NotIn", "Exists", "DoesNotExist", "Equal"),
            "whenUnsatisfiable", Set.of("DoNotSchedule", "ScheduleAnyway"),
            "fsGroupChangePolicy", Set.of("OnRootMismatch", "Always"),
            "unhealthyPodEvictionPolicy", Set.of("IfHealthyBudget", "AlwaysAllow"),
            "selectPolicy", Set.of("Max", "Min", "Disabled"));

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern LABEL = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");

    private static final ObjectMapper MAPPER = mapper();

    /** Says which document cannot be read, and why. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    private StrictReader() {}

    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .annotationIntrospector(new WithoutAnySetters())
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(
                        LogicalType.Textual,
                        texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .build();
    }

    private static final class WithoutAnySetters extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }

        @Override
        public JsonIgnoreProperties.Value findPropertyIgnoralByName(MapperConfig<?> config, Annotated annotated) {
            return super.findPropertyIgnoralByName(config, annotated).withoutIgnoreUnknown();
        }
    }

    /**
     * The document as an object of the type of its kind.
     *
     * @throws UnreadableException naming the document and what is wrong with it
     */
    static Object read(Map<String, Object> document) throws UnreadableException {
        String title = document.get("apiVersion") + " " + document.get("kind");
        Class<?> type = TYPES.get(title);
        String where = title + " " + name(document);
        if (type == null) {
            throw new UnreadableException(where + ": no such kind is expected here");
        }
        try {
            Object object = MAPPER.readValue(MAPPER.writeValueAsString(document), type);
            words(where, document);
            names(where, document);
            return object;
        } catch (JsonProcessingException e) {
            throw new UnreadableException(where + ": " + e.getMessage());
        }
    }

    static String name(Map<String, Object> document) {
        return document.get("metadata") instanceof Map<?, ?> metadata ? "" + metadata.get("name") : "";
    }

    private static void words(String where, @Nullable Object node) throws UnreadableException {
        if (node instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                Set<String> allowed = WORDS.get(String.valueOf(entry.getKey()));
                Object value = entry.getValue();
                List<?> found = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
                for (Object word : found) {
                    if (allowed != null && word instanceof String text && !allowed.contains(text)) {
                        throw new UnreadableException(where + ": " + entry.getKey() + " cannot be " + text);
                    }
                }
                words(where, value);
            }
        } else if (node instanceof List<?> list) {
            for (Object element : list) {
                words(where, element);
            }
        }
    }

    private static void names(String where, Map<String, Object> document) throws UnreadableException {
        if (!NAME.matcher(name(document)).matches()) {
            throw new UnreadableException(where + ": is no name for a resource");
        }
        if (document.get("metadata") instanceof Map<?, ?> metadata
                && metadata.get("labels") instanceof Map<?, ?> labels) {
            for (Object value : labels.values()) {
                if (!(value instanceof String text) || !LABEL.matcher(text).matches()) {
                    throw new UnreadableException(where + ": " + value + " is no value for a label");
                }
            }
        }
    }
}
