package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.job.transaction.DetachedTransactions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Which connections and transactions of the database a unit of work uses. */
class DetachedWorkTests extends JobServiceScenario {

    @Autowired
    DetachedTransactions transactions;

    @Autowired
    TransactionalOperator operator;

    /** A statement's connection and transaction. */
    private record Ran(int process, String transaction) {}

    @Test
    void keepsOneConnectionThoughEachStatementIsATransaction() {
        Sinks.Empty<Void> taken = Sinks.empty();
        Sinks.Empty<Void> over = Sinks.empty();
        // Takes a connection from the pool after the first statement, the one it used if that is free.
        AtomicInteger elsewhere = new AtomicInteger();
        Mono<Ran> other = operator.transactional(statement().flatMap(its -> {
            elsewhere.set(its.process());
            taken.tryEmitEmpty();
            return over.asMono().thenReturn(its);
        }));

        List<Ran> ran = ran(transactions.onOneConnection(statement().flatMap(first -> {
            other.subscribe();
            return taken.asMono().then(statement()).map(second -> List.of(first, second));
        })));
        over.tryEmitEmpty();

        assertThat(elsewhere.get()).isNotIn(0, ran.getFirst().process());
        assertThat(ran.stream().map(Ran::process).distinct()).hasSize(1);
        assertThat(ran.stream().map(Ran::transaction).distinct()).hasSize(2);
    }

    @Test
    void letsItsPartsHaveTransactions() {
        List<Ran> ran = ran(transactions.detached(statement()
                .flatMap(before -> operator.transactional(three()).map(inner -> {
                    assertThat(inner.stream().map(Ran::transaction).distinct())
                            .hasSize(1)
                            .doesNotContain(before.transaction());
                    return inner;
                }))));

        assertThat(ran).hasSize(3);
    }

    /** More at once than the pool has connections: none may be held while another is waited for. */
    @Test
    void givesItsConnectionBackWhileAPartHasATransaction() {
        Flux<Ran> inner = Flux.range(0, 60)
                .flatMap(
                        i -> transactions.detached(statement().flatMap(before -> operator.transactional(statement()))));

        assertThat(inner.collectList().block()).hasSize(60);
    }

    @Test
    void keepsNoConnectionWhenItFails() {
        Mono<Ran> failing = transactions.onOneConnection(
                statement().flatMap(before -> Mono.error(new IllegalStateException("on purpose"))));
        // More often than the pool has connections.
        Flux.range(0, 30).concatMap(i -> failing.onErrorComplete()).then().block();

        assertThat(ran(transactions.onOneConnection(three()))).hasSize(3);
    }

    private static List<Ran> ran(Mono<List<Ran>> work) {
        return Objects.requireNonNull(work.block());
    }

    private Mono<List<Ran>> three() {
        return Flux.range(0, 3).concatMap(i -> statement()).collectList();
    }

    private Mono<Ran> statement() {
        return database.sql("select pg_backend_pid(), pg_current_xact_id()::text")
                .map(row -> new Ran(
                        Objects.requireNonNull(row.get(0, Integer.class)),
                        Objects.requireNonNull(row.get(1, String.class))))
                .one();
    }
}
