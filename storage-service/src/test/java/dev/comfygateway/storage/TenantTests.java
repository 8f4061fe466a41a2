package dev.comfygateway.storage;

import static dev.comfygateway.storage.SampleBytes.PNG;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose assets a caller may see. */
class TenantTests extends RunningStorageService {

    @Test
    void hidesAssetsFromOtherTenantsButNotFromAdmins() {
        String path = "/v1/assets/" + id(upload(user("acme"), "a.png", PNG));
        for (String uri : List.of(path, path + "/content", path + "/content?format=base64")) {
            read(uri, user("other"))
                    .expectStatus()
                    .isNotFound()
                    .expectBody()
                    .jsonPath("$.code")
                    .isEqualTo("ASSET_NOT_FOUND");
        }
        web.delete()
                .uri(path)
                .headers(headers -> headers.setBearerAuth(user("other")))
                .exchange()
                .expectStatus()
                .isNotFound();
        read(path, token(Caller.user("root", "ops", Role.ADMIN))).expectStatus().isOk();
        read(path, token(Caller.worker("w1"))).expectStatus().isForbidden();
        read(path, "nonsense").expectStatus().isUnauthorized();
    }

    @Test
    void resolvesAssetsOfATenantInOrder() {
        String first = id(upload(user("acme"), "1.png", PNG));
        String second = id(upload(user("acme"), "2.png", PNG));
        String foreign = id(upload(user("other"), "3.png", PNG));
        AssetList list = requireNonNull(read(
                        "/internal/assets?tenant=acme&ids=" + second + "," + foreign + "," + first,
                        token(Caller.service("job-service")))
                .expectStatus()
                .isOk()
                .expectBody(AssetList.class)
                .returnResult()
                .getResponseBody());
        assertThat(list.assets()).extracting(asset -> asset.assetId()).containsExactly(second, first);
    }
}
