package dev.comfygateway.kafka;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Reads every partition of some topics on a thread of its own, without a group: each replica sees every record, and
 * nothing is committed. Missing topics and brokers are waited for.
 */
public final class RecordFeed implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(RecordFeed.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RETRY_MILLIS = 500;

    /** Where a feed begins. */
    public enum From {
        BEGINNING,
        END
    }

    /** What to do with the records, in order per partition; called on the feed's thread and must not block. */
    public interface Handler {
        void on(EventEnvelope<EventData> event, ConsumerRecord<String, byte[]> source);

        /** Whether records of that key are of interest; others are not even decoded. */
        default boolean wants(String key) {
            return true;
        }

        /** A compacted topic says that the key is gone. */
        default void onTombstone(String key) {}
    }

    private final String name;
    private final List<String> topics;
    private final From from;
    private final Map<String, Object> kafka;
    private final EventCodec codec;
    private final MeterRegistry meters;
    private final Handler handler;
    private volatile CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean running;
    private volatile boolean attached;
    private volatile boolean caughtUp;
    private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
    private @Nullable Thread thread;

    RecordFeed(
            String name,
            List<String> topics,
            From from,
            Map<String, Object> kafka,
            EventCodec codec,
            MeterRegistry meters,
            Handler handler) {
        this.name = name;
        this.topics = List.copyOf(topics);
        this.from = from;
        this.kafka = Map.copyOf(kafka);
        this.codec = codec;
        this.meters = meters;
        this.handler = handler;
    }

    /** Whether it has found its place in all partitions and sees what comes from now on. */
    public boolean isAttached() {
        return attached;
    }

    /** Whether it has handled, once since its start, everything that was there when it found its place. */
    public boolean hasCaughtUp() {
        return caughtUp;
    }

    @Override
    public synchronized void start() {
        running = true;
        stopping = new CountDownLatch(1);
        thread = Thread.ofPlatform().name("feed-" + name).daemon().start(this::run);
    }

    @Override
    public synchronized void stop() {
        running = false;
        KafkaConsumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        stopping.countDown();
        if (thread != null) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        while (running) {
            try (KafkaConsumer<String, byte[]> opened = open()) {
                consumer = opened;
                Map<TopicPartition, Long> ends = attach(opened);
                while (running) {
                    if (!caughtUp && !ends.isEmpty()) {
                        caughtUp = ends.entrySet().stream()
                                .allMatch(end -> opened.position(end.getKey()) >= end.getValue());
                    }
                    for (ConsumerRecord<String, byte[]> each : opened.poll(POLL)) {
                        handle(each);
                    }
                }
            } catch (WakeupException | InterruptException e) {
                log.debug("Feed {} is stopping", name);
            } catch (KafkaException e) {
                log.warn("Feed {} lost its broker and starts again: {}", name, e.toString());
                pause();
            } finally {
                attached = false;
                consumer = null;
            }
        }
    }

    private KafkaConsumer<String, byte[]> open() {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, name);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, from == From.END ? "latest" : "earliest");
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 250);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    /** Finds the place in all partitions; answers where they end, and nothing when it is stopped meanwhile. */
    private Map<TopicPartition, Long> attach(KafkaConsumer<String, byte[]> opened) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            List<PartitionInfo> infos = opened.partitionsFor(topic);
            while (running && (infos == null || infos.isEmpty())) {
                log.debug("Feed {} waits for topic {}", name, topic);
                pause();
                infos = opened.partitionsFor(topic);
            }
            if (infos != null) {
                infos.forEach(info -> partitions.add(new TopicPartition(info.topic(), info.partition())));
            }
        }
        if (!running) {
            return Map.of();
        }
        opened.assign(partitions);
        Map<TopicPartition, Long> ends = opened.endOffsets(partitions);
        if (from == From.END) {
            opened.seekToEnd(partitions);
        } else {
            opened.seekToBeginning(partitions);
        }
        // Seeking is lazy; asking for the position makes it happen now.
        partitions.forEach(opened::position);
        attached = true;
        log.info("Feed {} reads {} partitions of {}", name, partitions.size(), topics);
        return ends;
    }

    private void handle(ConsumerRecord<String, byte[]> source) {
        try {
            if (source.value() == null) {
                handler.onTombstone(source.key());
                return;
            }
            if (source.key() != null && !handler.wants(source.key())) {
                return;
            }
            Optional<EventEnvelope<EventData>> event = codec.decode(source);
            if (event.isEmpty()) {
                count(source);
            } else {
                handler.on(event.get(), source);
            }
        } catch (UndecodableEventException e) {
            count(source);
            log.debug("Feed {} skips a record of {}: {}", name, source.topic(), e.getMessage());
        } catch (RuntimeException e) {
            // One record must not stop the stream of all others.
            log.error("Feed {} failed on a record of {}", name, source.topic(), e);
        }
    }

    private void count(ConsumerRecord<String, byte[]> source) {
        meters.counter(MetricNames.EVENT_UNKNOWN, "topic", source.topic()).increment();
    }

    private void pause() {
        try {
            if (stopping.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                log.debug("Feed {} is stopping", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }
}
