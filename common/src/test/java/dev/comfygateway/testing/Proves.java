package dev.comfygateway.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Names the acceptance criteria that a test proves. What ran green is written to {@code target/proofs}. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ProofRecorder.class)
public @interface Proves {
    /** Ids as in {@code docs/acceptance.md}, for example {@code S0-54}. */
    String[] value();
}
