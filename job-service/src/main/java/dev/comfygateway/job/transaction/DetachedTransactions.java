package dev.comfygateway.job.transaction;

import dev.comfygateway.job.outbox.OutboxWakeUp;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.ReactiveTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.reactive.TransactionalOperator;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Runs a unit of work that goes on when its requester goes away: a client that closes its connection must not decide
 * between commit and rollback. After it the outbox relay is woken.
 */
@Component
public class DetachedTransactions {

    private static final TransactionDefinition WITHOUT =
            new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_SUPPORTS);

    private final TransactionalOperator operator;
    private final TransactionalOperator oneConnection;
    private final OutboxWakeUp wakeUp;

    DetachedTransactions(TransactionalOperator operator, ReactiveTransactionManager transactions, OutboxWakeUp wakeUp) {
        this.operator = operator;
        this.oneConnection = TransactionalOperator.create(transactions, WITHOUT);
        this.wakeUp = wakeUp;
    }

    /** Runs the work in one transaction. */
    public <T> Mono<T> run(Mono<T> work) {
        return detached(operator.transactional(work));
    }

    /** To make the request's the current one again for each signal of the driver is a tenth of what a claim takes. */
    private static Context withoutObservation(ContextView context) {
        return Context.of(context).delete(ObservationThreadLocalAccessor.KEY);
    }

    /**
     * Runs work whose statements are transactions of their own, all on one connection: to take one from the pool for each
     * costs a twentieth of what a claim takes. The work must make no transaction: it would keep this connection while it waits
     * for another, and with as many at once as the pool has connections all of them would wait.
     */
    public <T> Mono<T> onOneConnection(Mono<T> work) {
        return detached(oneConnection.transactional(work));
    }

    /** Runs work whose statements are transactions of their own, or that makes its own. */
    public <T> Mono<T> detached(Mono<T> work) {
        return Mono.deferContextual(context -> Mono.fromFuture(
                        () -> work.contextWrite(withoutObservation(context)).toFuture(), true))
                .doOnSuccess(done -> wakeUp.wake());
    }
}
