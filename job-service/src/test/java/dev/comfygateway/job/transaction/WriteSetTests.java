package dev.comfygateway.job.transaction;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WriteSetTests {

    private final WriteSet writes = new WriteSet();

    @Test
    void letsPartsShareAParameterOfOneValue() {
        writes.add("update a set x = :x").bind("x", 1L);

        assertThatCode(() -> writes.add("update b set x = :x").bind("x", 1L)).doesNotThrowAnyException();
    }

    @Test
    void refusesASecondValueForAParameter() {
        writes.add("update a set x = :x").bind("x", 1L);

        assertThatThrownBy(() -> writes.add("update b set x = :x").bind("x", 2L))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("x");
        assertThatThrownBy(() -> writes.bind("x", null, Long.class)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesAnInsertThatWouldIgnoreTheCondition() {
        WriteSet conditional = WriteSet.onlyIf("select 1 from a where x = 1 for update");

        assertThatThrownBy(() -> conditional.add("insert into b (x) values (1)"))
                .isInstanceOf(IllegalStateException.class);
        assertThatCode(() -> conditional.insert("b (x)", "1")).doesNotThrowAnyException();
    }
}
