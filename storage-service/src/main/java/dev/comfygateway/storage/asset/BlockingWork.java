package dev.comfygateway.storage.asset;

import jakarta.annotation.PreDestroy;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Virtual threads for what can only block: files, and the input streams of the S3 client. */
@Component
public class BlockingWork {

    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("storage-io-", 0).factory());
    private final Scheduler scheduler = Schedulers.fromExecutorService(executor, "storage-io");

    public Scheduler scheduler() {
        return scheduler;
    }

    /** Runs it once per subscription; a null result becomes an empty one. */
    public <T> Mono<T> call(Callable<? extends T> work) {
        return Mono.<T>fromCallable(work).subscribeOn(scheduler);
    }

    @PreDestroy
    void close() {
        scheduler.dispose();
        executor.shutdown();
    }
}
