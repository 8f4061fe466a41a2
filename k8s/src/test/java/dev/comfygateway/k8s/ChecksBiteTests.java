package dev.comfygateway.k8s;

import static dev.comfygateway.k8s.Mutation.put;
import static dev.comfygateway.k8s.Mutation.remove;
import static dev.comfygateway.k8s.Mutation.rename;
import static dev.comfygateway.k8s.Mutation.service;
import static dev.comfygateway.k8s.Mutation.serviceWithout;
import static dev.comfygateway.k8s.Mutation.variable;
import static dev.comfygateway.k8s.Mutation.worker;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each mistake is found, and called by its name. That the manifests without it are clean, ManifestsTests shows. */
class ChecksBiteTests {

    private static final String UNKNOWN = "Unrecognized field";

    @ParameterizedTest
    @MethodSource({"forms", "pods", "variables", "ports", "selectors", "access", "pools", "brokers"})
    void findsTheMistake(Mutation mutation) {
        List<Map<String, Object>> documents = Kustomize.render(Checkout.overlay(mutation.overlay()));

        mutation.applyTo(documents);

        assertThat(AllChecks.findings(documents, mutation.overlay().equals("prod")))
                .anySatisfy(finding -> assertThat(finding).contains(mutation.finding()));
    }

    static Stream<Mutation> forms() {
        return Stream.of(
                rename(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/enableServiceLinks",
                        "enableServiceLink",
                        UNKNOWN),
                rename(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/containers/service/readinessProbe/periodSeconds",
                        "periodSecond",
                        UNKNOWN),
                rename(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/securityContext/seccompProfile",
                        "secCompProfile",
                        UNKNOWN),
                rename("StatefulSet", "kafka", "spec/serviceName", "servicename", UNKNOWN)
                        .inDevelopment(),
                rename("Job", "topics", "spec/ttlSecondsAfterFinished", "ttlSecondsAfterFinish", UNKNOWN),
                rename("Service", "job-service", "spec/selector", "selectors", UNKNOWN),
                rename("ServiceAccount", "setup", "automountServiceAccountToken", "automountToken", UNKNOWN),
                rename("Namespace", "comfyui-gateway", "metadata/labels", "label", UNKNOWN),
                rename("NetworkPolicy", "default-deny", "spec/podSelector", "podSelectors", UNKNOWN),
                rename("PodDisruptionBudget", "job-service", "spec/maxUnavailable", "maxUnavailabel", UNKNOWN),
                rename(
                        "Kafka",
                        "comfyui-gateway",
                        "spec/kafka/listeners/plain/networkPolicyPeers",
                        "networkPeers",
                        UNKNOWN),
                rename("Kafka", "comfyui-gateway", "spec/kafka/metadataVersion", "metadataversion", UNKNOWN),
                rename("KafkaNodePool", "node", "spec/storage/volumes/0/kraftMetadata", "kRaftMetadata", UNKNOWN),
                rename("Cluster", "comfyui-gateway-db", "spec/walStorage", "walstorage", UNKNOWN),
                put("Cluster", "comfyui-gateway-db", "spec/postgresql/synchronous/numbers", 1, UNKNOWN),
                rename("ScaledObject", "worker-default", "spec/cooldownPeriod", "coolDownPeriod", UNKNOWN),
                put("ScaledObject", "worker-default", "spec/fallback/failuresThreshold", 3, UNKNOWN),
                remove("ScaledObject", "worker-default", "spec/fallback/failureThreshold", "Cannot map `null`"),
                put("ScaledObject", "worker-default", "spec/fallback/behavior", "keep", "Behavior"),
                put("ScaledObject", "worker-default", "spec/triggers/0/metadata/targetValue", 1, "java.lang.String"),
                put(
                        "Cluster",
                        "comfyui-gateway-db",
                        "spec/postgresql/parameters/max_connections",
                        200,
                        "java.lang.String"),
                variable("DATABASE_MIGRATE", "value", false, "java.lang.String"),
                put("Deployment", "job-service", "spec/replicas", "two", "java.lang.Integer"),
                put("Deployment", "job-service", "spec/replicas", "2", "java.lang.Integer"),
                put("Deployment", "job-service", "apiVersion", "apps/v1beta1", "no such kind"),
                put("Job", "topics", "spec/template/spec/restartPolicy", "OnError", "cannot be OnError"),
                put("Service", "job-service", "metadata/name", "Job_Service", "is no name"),
                put("NetworkPolicy", "dns", "spec/policyTypes/0", "Outgress", "cannot be Outgress"));
    }

    static Stream<Mutation> pods() {
        return Stream.of(
                serviceWithout("startupProbe", "no start-up probe"),
                serviceWithout("livenessProbe", "no liveness probe"),
                serviceWithout("readinessProbe", "no readiness probe"),
                remove(
                        "Deployment",
                        "worker-default",
                        "spec/template/spec/initContainers/comfyui/livenessProbe",
                        "comfyui: no liveness probe"),
                serviceWithout("resources/limits/memory", "no memory limit"),
                serviceWithout("resources/requests/cpu", "no CPU request"),
                service("resources/requests/memory", "1Gi", "requests more memory"),
                service("resources/limits/nvidia.com~1gpu", 1, "asks for a GPU and is no worker"),
                service("image", "comfyui-gateway/job-service:latest", "tag that moves"),
                service("image", "comfyui-gateway/job-service", "without a tag"),
                service("image", "comfyui-gateway/job-service:0.0.9", "another version"),
                service("image", "comfyui-gateway/jobs-service:0.1.0-SNAPSHOT", "image of no service"),
                serviceWithout("securityContext", "no security context"),
                serviceWithout("securityContext/readOnlyRootFilesystem", "root file system can be written"),
                service("securityContext/allowPrivilegeEscalation", true, "may gain privileges"),
                service("securityContext/privileged", true, "is privileged"),
                service("securityContext/runAsUser", 0, "somebody else than its pod"),
                serviceWithout("securityContext/capabilities", "keeps capabilities"),
                service("securityContext/capabilities/add", List.of("NET_RAW"), "keeps capabilities"),
                remove(
                        "Deployment",
                        "worker-default",
                        "spec/template/spec/initContainers/await-topics/securityContext",
                        "no security context"),
                remove("Job", "topics", "spec/template/spec/securityContext/runAsNonRoot", "may run as root"),
                remove("Deployment", "job-service", "spec/template/spec/securityContext/seccompProfile", "no seccomp"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/automountServiceAccountToken",
                        true,
                        "gets a token"),
                put("Deployment", "job-service", "spec/template/spec/hostNetwork", true, "namespaces with the node"),
                worker("default", "spec/shareProcessNamespace", true, "read each other's environment"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/serviceAccountName",
                        "job",
                        "no service account job"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/tolerations",
                        List.of(Map.of("key", "nvidia.com/gpu", "operator", "Exists")),
                        "a place on a GPU node"),
                remove("Deployment", "job-service", "spec/template/spec/volumes/tmp", "no volume tmp"),
                serviceWithout("volumeMounts/tmp", "has no /tmp"),
                put(
                        "Deployment",
                        "job-service",
                        "metadata/annotations",
                        Map.of("look-at", "rate(comfy_job_submited_total[5m])"),
                        "comfy_job_submited_total"));
    }

    static Stream<Mutation> variables() {
        return Stream.of(
                variable("JOB_POOLS", "name", "JOBS_POOLS", "nobody reads JOBS_POOLS"),
                variable("JOB_POOLS", "name", "S3_ACCESS_KEY", "nobody reads S3_ACCESS_KEY"),
                worker(
                        "default",
                        "spec/containers/worker/env/COMFY_WORKER_EXECUTION_GRACE/name",
                        "COMFY_WORKER_EXECUTION_GRACETIME",
                        "nobody reads COMFY_WORKER_EXECUTION_GRACETIME"),
                worker(
                        "default",
                        "spec/initContainers/comfyui/env/COMFYUI_FLAGS/name",
                        "COMFY_FLAGS",
                        "nobody reads COMFY_FLAGS"),
                put(
                        "Job",
                        "topics",
                        "spec/template/spec/containers/setup/env/KAFKA_REPLICATION/name",
                        "KAFKA_COPIES",
                        "nobody reads KAFKA_COPIES"),
                put(
                        "Job",
                        "topics",
                        "spec/template/spec/containers/setup/command/3",
                        "dev.comfygateway.TopicSetup",
                        "no program dev.comfygateway.TopicSetup"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/initContainers/await-topics/command/4",
                        "--wait",
                        "does not know --wait"),
                variable("JOB_POOLS", "valueFrom/configMapKeyRef/key", "POOLS", "points at POOLS"),
                variable("INTERNAL_TOKEN_SECRET", "valueFrom/secretKeyRef/key", "TOKEN", "points at TOKEN"),
                variable("DATABASE_URI", "valueFrom/secretKeyRef/name", "comfyui-gateway-db", "which is not there"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/containers/service/env/INTERNAL_TOKEN_SECRET",
                        Map.of("name", "INTERNAL_TOKEN_SECRET", "value", "hush"),
                        "stands in the manifest"),
                variable("DATABASE_URL", "value", "postgresql://a:b@c/d", "has a password in it"),
                variable("DATABASE_URL", "value", "$(DATABASE_URL_OF_ALL)", "needs DATABASE_URL_OF_ALL before it"),
                worker(
                        "default",
                        "spec/containers/worker/env/WORKER_POOL/valueFrom/fieldRef/fieldPath",
                        "metadata.labels['pool']",
                        "has no metadata.labels['pool']"),
                variable("DATABASE_MIGRATE", "value", "true", "migrates by itself"),
                put("ConfigMap", "comfyui-gateway", "data/API_KEYS", "a:admin", "holds API_KEYS"),
                remove(
                        "Job",
                        "migrate-storage-service",
                        "spec/template/spec/containers/setup/env/S3_BUCKET",
                        "has not the environment"));
    }

    static Stream<Mutation> ports() {
        return Stream.of(
                service("ports/http/containerPort", 8181, "listens at 8081"),
                service("ports/http/name", "web", "probes a port it has not: http"),
                service("livenessProbe/httpGet/path", "/health", "does not ask for /actuator/health/liveness"),
                service(
                        "readinessProbe/httpGet/path",
                        "/actuator/health/liveness",
                        "does not ask for /actuator/health/readiness"),
                put("Service", "job-service", "spec/ports/http/targetPort", "web", "leads to no port web"),
                put("Service", "job-service", "spec/ports/http/port", 80, "changes the port's number"),
                worker("default", "spec/initContainers/comfyui/ports/comfyui/containerPort", 8189, "listens at 8188"),
                worker(
                        "default",
                        "spec/containers/worker/env/COMFYUI_URL/value",
                        "http://comfyui:8188",
                        "does not lead to the sidecar"),
                worker(
                        "default",
                        "spec/initContainers/comfyui/readinessProbe/exec/command/2",
                        "print('fine')",
                        "does not ask for /system_stats"),
                worker(
                        "default",
                        "spec/initContainers/comfyui/startupProbe",
                        Map.of("httpGet", Map.of("path", "/system_stats", "port", "comfyui")),
                        "from outside the pod"),
                remove(
                        "Deployment",
                        "worker-default",
                        "spec/template/spec/initContainers/comfyui/restartPolicy",
                        "is no sidecar"),
                put(
                        "ConfigMap",
                        "comfyui-gateway",
                        "data/KAFKA_BOOTSTRAP_SERVERS",
                        "kafka:9092",
                        "KAFKA_BOOTSTRAP_SERVERS: leads nowhere"),
                put(
                        "ConfigMap",
                        "comfyui-gateway",
                        "data/STORAGE_SERVICE_URL",
                        "http://storage-service:8083",
                        "STORAGE_SERVICE_URL: leads nowhere"));
    }

    static Stream<Mutation> selectors() {
        return Stream.of(
                put("Service", "job-service", "spec/selector/app.kubernetes.io~1name", "jobs", "selects no pod"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/selector/matchLabels/app.kubernetes.io~1name",
                        "jobs",
                        "does not select its own pods"),
                put(
                        "PodDisruptionBudget",
                        "job-service",
                        "spec/selector/matchLabels/app.kubernetes.io~1name",
                        "jobs",
                        "Deployment job-service: no disruption budget"),
                put(
                        "NetworkPolicy",
                        "job-service",
                        "spec/podSelector/matchLabels/app.kubernetes.io~1name",
                        "jobs",
                        "NetworkPolicy job-service: selects no pod"),
                put(
                        "NetworkPolicy",
                        "kafka-clients",
                        "spec/egress/0/to/0/podSelector/matchLabels/app.kubernetes.io~1instance",
                        "kafka",
                        "a peer"),
                put("NetworkPolicy", "job-service", "spec/policyTypes", List.of("Egress"), "its types leave out"),
                put(
                        "Kafka",
                        "comfyui-gateway",
                        "spec/kafka/listeners/plain/networkPolicyPeers/0/podSelector/matchLabels",
                        Map.of("a", "b"),
                        "selects no pod"),
                remove(
                        "Kafka",
                        "comfyui-gateway",
                        "spec/kafka/listeners/plain/networkPolicyPeers",
                        "lets everybody in"),
                put("KafkaNodePool", "node", "metadata/labels/strimzi.io~1cluster", "other", "belongs to no Kafka"),
                put("Cluster", "comfyui-gateway-db", "metadata/name", "comfyui-db", "selects no pod"),
                remove("Service", "job-service", "metadata/namespace", "not in the namespace"),
                remove(
                        "Namespace",
                        "comfyui-gateway",
                        "metadata/labels/pod-security.kubernetes.io~1enforce",
                        "pods with more rights"));
    }

    static Stream<Mutation> access() {
        String controller = "scale-down-controller";
        String token = "spec/template/spec/volumes/cluster-api/projected/sources/0/serviceAccountToken";
        return Stream.of(
                rename("Role", controller, "rules/0/verbs", "verb", UNKNOWN),
                rename("RoleBinding", controller, "roleRef/apiGroup", "group", UNKNOWN),
                put("Role", controller, "rules/0/resources/0", "secrets", "may do what others may"),
                put("Role", controller, "rules/0/verbs/0", "*", "may do too much"),
                put("RoleBinding", controller, "roleRef/name", "controller", "no role controller"),
                put("RoleBinding", controller, "subjects/0/name", "controller", "no account controller"),
                remove("RoleBinding", controller, "subjects/0/namespace", "in the namespace"),
                put(
                        "Deployment",
                        controller,
                        "spec/template/spec/serviceAccountName",
                        "job-service",
                        "has a token and no rights"),
                rename("Deployment", controller, token, "serviceAccountTokens", UNKNOWN),
                remove(
                        "Deployment",
                        controller,
                        "spec/template/spec/volumes/cluster-api/projected/sources/0",
                        "no token"),
                put(
                        "Deployment",
                        controller,
                        "spec/template/spec/containers/service/volumeMounts/cluster-api/mountPath",
                        "/token",
                        "no token where clients look for it"),
                worker(
                        "default",
                        "spec/containers/worker/env/WORKER_ID/valueFrom/fieldRef/fieldPath",
                        "metadata.labels['comfygateway.dev/pool']",
                        "is not called as its pod"));
    }

    static Stream<Mutation> pools() {
        String demand = "http://job-service.comfyui-gateway.svc.cluster.local:8081/actuator/demand/";
        return Stream.of(
                put("ScaledObject", "worker-default", "spec/scaleTargetRef/name", "worker", "scales nothing"),
                put(
                        "ScaledObject",
                        "worker-default",
                        "spec/triggers/0/metadata/url",
                        demand + "h200-spot",
                        "another pool"),
                put(
                        "ScaledObject",
                        "worker-default",
                        "spec/triggers/0/metadata/url",
                        demand.replace("8081", "8080") + "default",
                        "another port"),
                put(
                        "ScaledObject",
                        "worker-default",
                        "spec/triggers/0/metadata/url",
                        "http://job-service:8081/actuator/demand/default",
                        "does not ask job-service"),
                put(
                        "ScaledObject",
                        "worker-default",
                        "spec/triggers/0/metadata/valueLocation",
                        "queued",
                        "another value"),
                put("ScaledObject", "worker-default", "spec/fallback/replicas", 0, "stops every worker"),
                put("ScaledObject", "worker-default", "spec/maxReplicaCount", 0, "no room"),
                put("Deployment", "worker-default", "spec/replicas", 1, "also by itself"),
                worker("default", "metadata/labels/comfygateway.dev~1pool", "gpus", "not in JOB_POOLS: gpus"),
                put("ConfigMap", "comfyui-gateway", "data/JOB_POOLS", "default", "not in JOB_POOLS: h200-spot"),
                put("ConfigMap", "comfyui-gateway", "data/JOB_POOLS", "default,big", "pool big: has 0 Deployments"),
                worker(
                        "h200-on-demand",
                        "spec/containers/worker/env/COMFY_WORKER_EXECUTION_GRACE/value",
                        "2h",
                        "leaves no time"),
                worker("default", "spec/terminationGracePeriodSeconds", 60, "is killed after 60 s"),
                put(
                        "Deployment",
                        "job-service",
                        "spec/template/spec/terminationGracePeriodSeconds",
                        40,
                        "is killed after 40 s"),
                worker("h200-spot", "spec/tolerations", List.of(), "may not run on spot nodes"),
                worker("h200-spot", "spec/terminationGracePeriodSeconds", 600, "the notice of a spot node"),
                worker("b300-on-demand", "metadata/annotations", Map.of(), "in the middle of a long job"));
    }

    static Stream<Mutation> brokers() {
        return Stream.of(
                rename(
                        "Kafka",
                        "comfyui-gateway",
                        "spec/kafka/config/group.share.max.size",
                        "group.share.maximum.size",
                        "Kafka knows no group.share.maximum.size"),
                put(
                        "Kafka",
                        "comfyui-gateway",
                        "spec/kafka/config/group.share.max.size",
                        100000,
                        "group.share.max.size"),
                put("Kafka", "comfyui-gateway", "spec/kafka/config/broker.rack", "a", "is the operator's"),
                put("Kafka", "comfyui-gateway", "spec/kafka/version", "4.3.1", "is not of the version"),
                put("KafkaNodePool", "node", "spec/replicas", 2, "needs more than 2 nodes"),
                put(
                                "StatefulSet",
                                "kafka",
                                "spec/template/spec/containers/kafka/env/KAFKA_AUTO_CREATE_TOPICS_ENABLE/name",
                                "KAFKA_AUTO_CREATE_TOPIC_ENABLE",
                                "Kafka knows no auto.create.topic.enable")
                        .inDevelopment(),
                put(
                                "StatefulSet",
                                "kafka",
                                "spec/template/spec/containers/kafka/image",
                                "apache/kafka:4.1.0",
                                "is not of the version")
                        .inDevelopment());
    }
}
