package dev.comfygateway.gateway.feed;

import dev.comfygateway.kafka.EventCodec;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.stereotype.Component;

/** Makes feeds that know the broker. */
@Component
public final class RecordFeeds {

    private final Map<String, Object> settings;
    private final EventCodec codec;
    private final MeterRegistry meters;

    RecordFeeds(KafkaProperties properties, KafkaConnectionDetails broker, EventCodec codec, MeterRegistry meters) {
        this.settings = new HashMap<>(properties.buildConsumerProperties());
        settings.put(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.getConsumer().getBootstrapServers());
        this.codec = codec;
        this.meters = meters;
    }

    /** A feed; as a bean it starts and stops with the application. */
    public RecordFeed feed(String name, List<String> topics, RecordFeed.From from, RecordFeed.Handler handler) {
        return new RecordFeed(name, topics, from, settings, codec, meters, handler);
    }
}
