package dev.comfygateway.job.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class ReservationsTests {

    private final AtomicLong time = new AtomicLong();
    private final Reservations reservations = new Reservations(time::get);

    @Test
    void keepsAJobFromOtherClaimsUntilTheWorkIsDone() {
        Sinks.One<String> first = Sinks.one();
        var outcome = reservations.during("job", "one", first.asMono()).toFuture();

        assertThat(during("job", "another")).isNull();
        assertThat(during("job", "one")).as("the same claim again").isEqualTo("done");
        first.tryEmitValue("granted");
        assertThat(outcome).isCompletedWithValue("granted");
        assertThat(during("job", "another")).isEqualTo("done");
    }

    @Test
    void givesAJobBackWhenTheWorkFailsOrIsGivenUp() {
        var failed = reservations
                .during("job", "one", Mono.error(new IllegalStateException("no database")))
                .toFuture();
        assertThat(failed).isCompletedExceptionally();
        assertThat(during("job", "another")).isEqualTo("done");

        reservations.during("job", "one", Mono.never()).subscribe().dispose();
        assertThat(during("job", "another")).isEqualTo("done");
    }

    @Test
    void doesNotWaitForAClaimThatHangs() {
        Sinks.One<String> hangs = Sinks.one();
        reservations.during("job", "one", hangs.asMono()).subscribe();
        time.addAndGet(Duration.ofMillis(4_900).toNanos());
        assertThat(during("job", "another")).isNull();
        time.addAndGet(Duration.ofMillis(200).toNanos());

        Sinks.One<String> second = Sinks.one();
        reservations.during("job", "another", second.asMono()).subscribe();
        hangs.tryEmitValue("late");

        assertThat(during("job", "third")).as("the late one gives nothing back").isNull();
    }

    private @Nullable String during(String job, String claim) {
        return reservations.during(job, claim, Mono.just("done")).block();
    }
}
