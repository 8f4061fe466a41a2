package dev.comfygateway.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://comfy:pw@db:6432/jobs",
                "postgres://comfy:pw@db:6432/jobs",
                "r2dbc:postgresql://comfy:pw@db:6432/jobs",
                "POSTGRESQL://comfy:pw@db:6432/jobs"
            })
    void readsBothForms(String text) {
        DatabaseUrl url = DatabaseUrl.parse(text);

        assertThat(url).isEqualTo(new DatabaseUrl("db", 6432, "jobs", "comfy", "pw", ""));
        assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://db:6432/jobs");
        assertThat(url.r2dbc()).isEqualTo("r2dbc:postgresql://db:6432/jobs");
    }

    @Test
    void fillsInThePortAndDoesWithoutCredentials() {
        assertThat(DatabaseUrl.parse("postgresql://db/jobs"))
                .isEqualTo(new DatabaseUrl("db", 5432, "jobs", null, null, ""));
    }

    @Test
    void decodesCredentials() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://us%40er:p%2Fw%3A%25+%20@db/jobs");

        assertThat(url.user()).isEqualTo("us@er");
        assertThat(url.password()).isEqualTo("p/w:%+ ");
    }

    @Test
    void spellsTheTlsModeForEachDriver() {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://db/jobs?sslmode=verify-full");

        assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://db:5432/jobs?sslmode=verify-full");
        assertThat(url.r2dbc()).isEqualTo("r2dbc:postgresql://db:5432/jobs?sslMode=verify-full");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "db:5432/jobs",
                "mysql://u:hidden@db/jobs",
                "postgresql://u:hidden@db",
                "postgresql://u:hidden@db/",
                "postgresql:///jobs",
                "postgresql://u:hidden^^@db/jobs"
            })
    void namesTheVariableAndKeepsSecrets(String text) {
        assertThatThrownBy(() -> DatabaseUrl.parse(text))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageStartingWith("DATABASE_URL ")
                .hasMessageNotContaining("hidden");
    }
}
