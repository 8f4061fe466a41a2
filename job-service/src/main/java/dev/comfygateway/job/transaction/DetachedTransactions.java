package dev.comfygateway.job.transaction;

import dev.comfygateway.job.outbox.OutboxWakeUp;
import org.springframework.stereotype.Component;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Mono;

/**
 * Runs a unit of work in one transaction that goes on when its requester goes away: a client that closes its connection
 * must not decide between commit and rollback. After the commit the outbox relay is woken.
 */
@Component
public class DetachedTransactions {

    private final TransactionalOperator operator;
    private final OutboxWakeUp wakeUp;

    DetachedTransactions(TransactionalOperator operator, OutboxWakeUp wakeUp) {
        this.operator = operator;
        this.wakeUp = wakeUp;
    }

    public <T> Mono<T> run(Mono<T> work) {
        return Mono.deferContextual(context -> Mono.fromFuture(
                        () -> operator.transactional(work).contextWrite(context).toFuture(), true))
                .doOnSuccess(done -> wakeUp.wake());
    }
}
