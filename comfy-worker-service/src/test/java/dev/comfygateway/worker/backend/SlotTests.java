package dev.comfygateway.worker.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlotTests {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final AtomicInteger freed = new AtomicInteger();
    private final Slot slot = new Slot(1, freed::incrementAndGet);

    @Test
    void hasRoomWhileAnOfferIsOnlyWaitedFor() {
        assertThat(slot.tryPrepare(WINDOW)).isTrue();

        assertThat(slot.hasRoom(WINDOW)).isTrue();
        assertThat(slot.tryPrepare(WINDOW)).isFalse();
    }

    @Test
    void hasNoRoomWhileAnAttemptIsPrepared() {
        assertThat(slot.tryPrepare(WINDOW)).isTrue();
        slot.beginPrepare();

        assertThat(slot.hasRoom(WINDOW)).isFalse();

        slot.releasePrepare();
        assertThat(slot.hasRoom(WINDOW)).isTrue();
        assertThat(freed).hasValue(1);
    }

    @Test
    void hasNoRoomWhileNobodyKnowsHowLongTheExecutingOneTakes() throws InterruptedException {
        assertThat(slot.awaitExecute(Duration.ZERO)).isTrue();
        assertThat(slot.executing()).isTrue();

        assertThat(slot.hasRoom(WINDOW)).isFalse();

        slot.releaseExecute();
        assertThat(slot.hasRoom(WINDOW)).isTrue();
    }

    @Test
    void hasRoomAgainWhenTheExecutingOneIsAlmostDone() throws InterruptedException {
        assertThat(slot.awaitExecute(Duration.ZERO)).isTrue();

        slot.progressed(0.9);

        assertThat(slot.hasRoom(WINDOW)).isTrue();
    }

    @Test
    void hasNoRoomWhileTooManyAttemptsAreBeingFinished() throws InterruptedException {
        assertThat(slot.awaitFinish(Duration.ZERO)).isTrue();

        assertThat(slot.hasRoom(WINDOW)).isFalse();

        slot.releaseFinish();
        assertThat(slot.hasRoom(WINDOW)).isTrue();
    }
}
