package dev.comfygateway.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.settings.DatabaseUrl;
import dev.comfygateway.testing.Proves;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The overlays as they are. */
class ManifestsTests {

    private static final String CONTROLLER = "scale-down-controller";
    private static final List<String> SERVICES =
            List.of("gateway-service", "job-service", "storage-service", "webhook-service", CONTROLLER);

    private final Manifests development = Manifests.of(Kustomize.render(Checkout.overlay("dev")));
    private final Manifests production = Manifests.of(Kustomize.render(Checkout.overlay("prod")));

    @Test
    void nothingIsWrongWithDevelopment() {
        assertThat(AllChecks.findings(development.documents(), false)).isEmpty();
    }

    @Test
    void nothingIsWrongWithProduction() {
        assertThat(AllChecks.findings(production.documents(), true)).isEmpty();
    }

    @Test
    void everyServiceIsThereTwiceInProductionAndOnceInDevelopment() {
        assertThat(replicas(production))
                .containsOnlyKeys(SERVICES)
                .allSatisfy((name, count) -> assertThat(count).isEqualTo(name.equals(CONTROLLER) ? 1 : 2));
        assertThat(replicas(development))
                .containsOnlyKeys(SERVICES)
                .allSatisfy((name, count) -> assertThat(count).isEqualTo(1));
    }

    private static Map<String, Integer> replicas(Manifests manifests) {
        return manifests.workloads().stream()
                .filter(workload -> workload.kind().equals("Deployment") && !workload.isWorker())
                .collect(Collectors.toMap(
                        Workload::name, workload -> workload.replicas() == null ? 0 : workload.replicas()));
    }

    @Test
    void whoeverUsesKafkaWaitsForItsTopics() {
        for (Manifests manifests : List.of(development, production)) {
            assertThat(manifests.workloads())
                    .filteredOn(workload -> workload.kind().equals("Deployment"))
                    .allSatisfy(workload -> assertThat(
                                    workload.pod().getInitContainers().getFirst())
                            .satisfies(first -> {
                                assertThat(first.getCommand()).contains("--await");
                                assertThat(first.getRestartPolicy()).isNull();
                            }));
        }
    }

    @Test
    void onlyTheControllerMayChangePods() {
        assertThat(production.all(Role.class)).singleElement().satisfies(role -> {
            assertThat(role.getMetadata().getName()).isEqualTo(CONTROLLER);
            assertThat(role.getRules()).singleElement().satisfies(rule -> {
                assertThat(rule.getResources()).containsExactly("pods");
                assertThat(rule.getVerbs()).containsExactlyInAnyOrder("list", "watch", "patch");
            });
        });
        assertThat(production.all(RoleBinding.class))
                .singleElement()
                .satisfies(binding -> assertThat(binding.getSubjects())
                        .singleElement()
                        .satisfies(subject -> assertThat(subject.getName()).isEqualTo(CONTROLLER)));
    }

    @Test
    @Proves("S1-37")
    void servicesRunWithoutGpuAndWorkersWithOne() {
        assertThat(production.workloads())
                .filteredOn(workload -> SERVICES.contains(workload.name()))
                .hasSize(5)
                .allSatisfy(service -> {
                    assertThat(gpus(service)).isZero();
                    assertThat(service.pod().getTolerations()).isEmpty();
                    assertThat(service.pod().getNodeSelector()).isNullOrEmpty();
                });
        assertThat(production.workers()).hasSize(5).allSatisfy(worker -> {
            assertThat(gpus(worker)).isEqualTo(1);
            assertThat(worker.container("comfyui"))
                    .get()
                    .satisfies(comfyUi ->
                            assertThat(comfyUi.getResources().getLimits()).containsKey(PodChecks.GPU));
        });
    }

    private static int gpus(Workload workload) {
        return workload.all().stream()
                .map(container -> container.getResources().getLimits().get(PodChecks.GPU))
                .filter(amount -> amount != null)
                .mapToInt(amount -> amount.getNumericalAmount().intValueExact())
                .sum();
    }

    @Test
    @Proves("S1-39")
    void everyKindOfGpuIsAPoolThatIsScaledByItself() {
        assertThat(production.pools())
                .containsExactly("default", "h200-spot", "h200-on-demand", "b300-spot", "b300-on-demand");
        assertThat(production.all(ScaledObject.class))
                .extracting(object -> object.spec().scaleTargetRef().name())
                .containsExactlyInAnyOrderElementsOf(production.pools().stream()
                        .map(pool -> "worker-" + pool)
                        .toList());
        for (String gpu : List.of("h200", "b300")) {
            for (String capacity : List.of("spot", "on-demand")) {
                assertThat(production.workers())
                        .filteredOn(worker -> worker.pool().equals(gpu + "-" + capacity))
                        .singleElement()
                        .satisfies(worker -> assertThat(worker.pod().getNodeSelector())
                                .containsOnly(
                                        Map.entry("comfygateway.dev/gpu", gpu),
                                        Map.entry("comfygateway.dev/capacity", capacity)));
            }
        }
    }

    @Test
    void developmentNeedsNeitherGpuNorOperators() {
        assertThat(development.documents())
                .extracting(document -> String.valueOf(document.get("apiVersion")))
                .containsOnly(
                        "v1",
                        "apps/v1",
                        "batch/v1",
                        "networking.k8s.io/v1",
                        "policy/v1",
                        "rbac.authorization.k8s.io/v1");
        assertThat(development.workloads())
                .allSatisfy(workload -> assertThat(gpus(workload)).isZero());
    }

    @Test
    void theDatabaseIsWhereTheServicesLookForIt() {
        Secret made = development.all(Secret.class).stream()
                .filter(secret -> secret.getData().containsKey("uri"))
                .findFirst()
                .orElseThrow();

        DatabaseUrl url = DatabaseUrl.parse(
                decoded(made, "uri") + "?sslmode=" + development.settings().get("DATABASE_SSLMODE"));

        assertThat(development.service(url.host())).isPresent();
        assertThat(url.port()).isEqualTo(5432);
        assertThat(url.password()).isEqualTo(decoded(made, "password"));
        assertThat(development.workloads())
                .filteredOn(workload -> workload.name().equals("postgres"))
                .singleElement()
                .satisfies(postgres -> assertThat(
                                Workload.value(postgres.pod().getContainers().getFirst(), "POSTGRES_DB"))
                        .hasValue(url.database()));
        assertThat(DatabaseUrl.parse("postgresql://u:p@comfyui-gateway-db-rw.comfyui-gateway:5432/comfygateway?sslmode="
                                + production.settings().get("DATABASE_SSLMODE"))
                        .r2dbc())
                .endsWith("?sslMode=require");
    }

    private static String decoded(Secret secret, String key) {
        return decoded(secret.getData().getOrDefault(key, ""));
    }

    private static String decoded(String value) {
        return new String(Base64.getMimeDecoder().decode(value), StandardCharsets.UTF_8);
    }

    @Test
    void secretsOfDevelopmentSayThatTheyAreNone() {
        assertThat(development.all(Secret.class))
                .hasSize(2)
                .flatExtracting(secret -> secret.getData().entrySet())
                .filteredOn(entry -> !entry.getKey().equals("username"))
                .allSatisfy(entry -> assertThat(decoded(entry.getValue())).contains("dev-only"));
        assertThat(production.all(Secret.class)).isEmpty();
    }
}
