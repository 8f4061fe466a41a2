package dev.comfygateway.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.edge.Role;
import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.testing.Proves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTests {

    @Test
    void givesEachKeyATenantOfItsOwnUnlessOneIsNamed() {
        ApiKeys keys = ApiKeys.parse("first:user, second:admin:studio_1,");

        assertThat(keys.find("first")).hasValueSatisfying(caller -> {
            assertThat(caller.tenant()).startsWith("t_");
            assertThat(caller.role()).isEqualTo(Role.USER);
        });
        assertThat(keys.find("second")).hasValueSatisfying(caller -> {
            assertThat(caller.tenant()).isEqualTo("studio_1");
            assertThat(caller.role()).isEqualTo(Role.ADMIN);
        });
        assertThat(keys.find("third")).isEmpty();
    }

    @ParameterizedTest
    @Proves("S1-47")
    @ValueSource(strings = {"", "_a", "-a", "a b", "a/b", "a.b", "ä", "a'", "../a"})
    void refusesTenantsOfAnotherForm(String tenant) {
        assertThatThrownBy(() -> ApiKeys.parse("secret:user:" + tenant))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("letters, digits, _ and -")
                .hasMessageNotContaining("secret");
    }

    @Test
    @Proves("S1-47")
    void takesTenantsOfAtMost64Characters() {
        assertThat(ApiKeys.parse("k:user:" + "a".repeat(64)).find("k")).isPresent();
        assertThatThrownBy(() -> ApiKeys.parse("k:user:" + "a".repeat(65))).isInstanceOf(InvalidSettingException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", ":user", "secret:root", "secret:user:a:b", "secret:user,secret:admin"})
    void refusesEntriesOfAnotherFormWithoutRepeatingAKey(String keys) {
        assertThatThrownBy(() -> ApiKeys.parse(keys))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageNotContaining("secret");
    }
}
