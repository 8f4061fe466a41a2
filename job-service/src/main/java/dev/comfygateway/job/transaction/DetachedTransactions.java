package dev.comfygateway.job.transaction;

import dev.comfygateway.job.outbox.OutboxWakeUp;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Runs a unit of work that goes on when its requester goes away: a client that closes its connection must not decide
 * between commit and rollback. After it the outbox relay is woken.
 */
@Component
public class DetachedTransactions {

    private final TransactionalOperator operator;
    private final OutboxWakeUp wakeUp;

    DetachedTransactions(TransactionalOperator operator, OutboxWakeUp wakeUp) {
        this.operator = operator;
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

    /** Runs work whose statements are transactions of their own, or that makes its own. */
    public <T> Mono<T> detached(Mono<T> work) {
        return Mono.deferContextual(context -> Mono.fromFuture(
                        () -> work.contextWrite(withoutObservation(context)).toFuture(), true))
                .doOnSuccess(done -> wakeUp.wake());
    }
}
