package dev.comfygateway.standalone.kafka;

import dev.comfygateway.standalone.process.FolderLock;
import dev.comfygateway.standalone.process.ParentWatch;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real single-node broker whose data stay on disk. Prints {@code READY <port>} when it serves and ends when its
 * standard input closes.
 *
 * <p>Settings by environment: {@code KAFKA_PORT}, {@code KAFKA_CONTROLLER_PORT} and {@code KAFKA_DATA};
 * {@code KAFKA_SETTINGS} may name a properties file with further settings of the broker, which win over ours: other
 * listeners, for example.
 */
public final class EmbeddedKafka {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedKafka.class);

    private static final int NODE_ID = 1;
    private static final Duration PREDECESSOR_PATIENCE = Duration.ofSeconds(30);

    private EmbeddedKafka() {}

    /** Runs until standard input closes. */
    public static void main(String[] args) throws Exception {
        ParentWatch.onEnd(System.in, () -> System.exit(0));
        Map<String, String> environment = System.getenv();
        int port = Integer.parseInt(environment.getOrDefault("KAFKA_PORT", "9092"));
        int controllerPort = Integer.parseInt(environment.getOrDefault("KAFKA_CONTROLLER_PORT", "9093"));
        Path data = Path.of(environment.getOrDefault("KAFKA_DATA", "data/kafka"))
                .toAbsolutePath()
                .normalize();
        try {
            // Held until the process ends: the broker's own lock would fail at once instead of waiting.
            FolderLock lock = FolderLock.take(data.resolve("owner.lock"), PREDECESSOR_PATIENCE);
            Path logs = data.resolve("logs");
            format(logs);
            Properties settings = settings(port, controllerPort, logs);
            readInto(settings, environment.getOrDefault("KAFKA_SETTINGS", ""));
            KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("kafka-stop").unstarted(server::shutdown));
            server.startup();
            System.out.println("READY " + port);
            server.awaitShutdown();
            lock.close();
        } catch (Exception e) {
            log.error("Kafka did not start: {}", e.getMessage(), e);
            System.exit(1);
        }
    }

    private static void readInto(Properties settings, String file) throws IOException {
        if (!file.isBlank()) {
            try (Reader reader = Files.newBufferedReader(Path.of(file))) {
                settings.load(reader);
            }
        }
    }

    private static void format(Path logs) throws Exception {
        if (Files.exists(logs.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(logs);
        new Formatter()
                .setNodeId(NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(logs.toString())
                .setMetadataLogDirectory(logs.toString())
                .setControllerListenerName("CONTROLLER")
                .setReleaseVersion(MetadataVersion.latestProduction())
                .setIgnoreFormatted(true)
                .setPrintStream(System.err)
                .run();
    }

    private static Properties settings(int port, int controllerPort, Path logs) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", String.valueOf(NODE_ID));
        // A static voter: its port may differ at the next start, which a voter kept in the log could not.
        settings.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("inter.broker.listener.name", "PLAINTEXT");
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        settings.put("log.dirs", logs.toString());
        settings.put("auto.create.topics.enable", "false");
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.num.partitions", "2");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "2");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        // One second finds a first offer after 2.4 s instead of 7 s; costs nothing with a handful of members.
        settings.put("group.share.heartbeat.interval.ms", "1000");
        settings.put("group.share.min.heartbeat.interval.ms", "1000");
        settings.put("group.consumer.heartbeat.interval.ms", "1000");
        settings.put("group.consumer.min.heartbeat.interval.ms", "1000");
        settings.put("log.message.timestamp.type", "LogAppendTime");
        // After kill -9 the controller keeps the old registration for one session before it lets the node in again.
        settings.put("broker.session.timeout.ms", "6000");
        settings.put("broker.heartbeat.interval.ms", "1000");
        settings.put("controlled.shutdown.enable", "false");
        // The defaults start more threads and preallocate larger buffers than one machine needs.
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("num.recovery.threads.per.data.dir", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "8388608");
        settings.put("metadata.log.max.record.bytes.between.snapshots", "1048576");
        return settings;
    }
}
