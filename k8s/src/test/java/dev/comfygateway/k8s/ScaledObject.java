package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** KEDA's resource (keda.sh/v1alpha1) with the fields that are used here; any other one fails to parse. */
record ScaledObject(String apiVersion, String kind, ObjectMeta metadata, Spec spec) {

    ScaledObject {
        Objects.requireNonNull(spec, "spec");
    }

    record Spec(
            Target scaleTargetRef,
            @Nullable Integer pollingInterval,
            @Nullable Integer cooldownPeriod,
            int minReplicaCount,
            int maxReplicaCount,
            Fallback fallback,
            @Nullable Advanced advanced,
            List<Trigger> triggers) {

        Spec {
            Objects.requireNonNull(scaleTargetRef, "scaleTargetRef");
            Objects.requireNonNull(fallback, "fallback");
            Objects.requireNonNull(triggers, "triggers");
        }
    }

    record Target(String name) {}

    record Fallback(int failureThreshold, int replicas, Behavior behavior) {}

    /** Its values, spelled as in the resource. */
    enum Behavior {
        currentReplicas,
        currentReplicasIfHigher,
        currentReplicasIfLower,
        scalingModifiers,
        // A word of Java's as well.
        @com.fasterxml.jackson.annotation.JsonProperty("static")
        fixed
    }

    record Advanced(HorizontalPodAutoscalerConfig horizontalPodAutoscalerConfig) {}

    record HorizontalPodAutoscalerConfig(ScalingBehavior behavior) {}

    record ScalingBehavior(
            @Nullable ScalingRules scaleUp, @Nullable ScalingRules scaleDown) {}

    record ScalingRules(
            @Nullable Integer stabilizationWindowSeconds,
            @Nullable String selectPolicy,
            @Nullable List<ScalingPolicy> policies) {}

    record ScalingPolicy(String type, int value, int periodSeconds) {}

    /** All values of {@code metadata} are texts. */
    record Trigger(String type, @Nullable String metricType, Map<String, String> metadata) {}
}
