package dev.comfygateway.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;

/** Makes feeds that know the broker; imported by the services that read topics without a group. */
public final class RecordFeeds {

    private final Map<String, Object> settings;
    private final EventCodec codec;
    private final MeterRegistry meters;

    public RecordFeeds(
            KafkaProperties properties, KafkaConnectionDetails broker, EventCodec codec, MeterRegistry meters) {
        this.settings = new HashMap<>(properties.buildConsumerProperties());
        settings.put(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.getConsumer().getBootstrapServers());
        this.codec = codec;
        this.meters = meters;
    }

    /** A feed; as a bean it starts and stops with the application. Its name is the client's id at the broker. */
    public RecordFeed feed(String name, List<String> topics, RecordFeed.From from, RecordFeed.Handler handler) {
        return new RecordFeed(name, topics, from, settings, codec, meters, handler);
    }
}
