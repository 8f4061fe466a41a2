package dev.comfygateway.standalone.kafka;

import dev.comfygateway.contract.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates every topic and group setting that the services expect. Safe to run any number of times. */
public final class TopicSetup {

    private static final String MINUTE = "60000";
    private static final String HOUR = "3600000";
    private static final String WEEK = "604800000";

    private final Admin admin;
    private final Optional<Short> replication;

    /**
     * @param admin where to create; stays the caller's
     * @param replication copies of each topic, or empty for the cluster's default
     */
    public TopicSetup(Admin admin, Optional<Short> replication) {
        this.admin = admin;
        this.replication = replication;
    }

    /**
     * Runs against {@code KAFKA_BOOTSTRAP_SERVERS}, for deployments whose broker is not ours; {@code KAFKA_POOLS}
     * names further pools by comma, {@code KAFKA_REPLICATION} sets the copies.
     */
    public static void main(String[] args) throws InterruptedException {
        String servers = System.getenv().getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");
        Set<String> pools = new LinkedHashSet<>(List.of(Topics.DEFAULT_POOL));
        Arrays.stream(System.getenv().getOrDefault("KAFKA_POOLS", "").split(",", -1))
                .map(String::strip)
                .filter(pool -> !pool.isEmpty())
                .forEach(pools::add);
        Optional<Short> replication =
                Optional.ofNullable(System.getenv("KAFKA_REPLICATION")).map(Short::valueOf);
        try {
            run(servers, replication, pools, Duration.ofSeconds(60));
            System.out.println("Topics are ready at " + servers);
        } catch (TopicSetupException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /**
     * Connects, creates what is missing and returns; blocks for at most about {@code patience}.
     *
     * @throws TopicSetupException when the broker cannot be reached or refuses
     */
    public static void run(String servers, Optional<Short> replication, Set<String> pools, Duration patience)
            throws InterruptedException {
        int timeout = Math.toIntExact(patience.toMillis());
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "topic-setup",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                timeout,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.min(timeout, 15_000));
        try (Admin admin = Admin.create(settings)) {
            new TopicSetup(admin, replication).apply(pools, patience);
        } catch (org.apache.kafka.common.KafkaException e) {
            throw new TopicSetupException("Kafka at " + servers + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Creates the topics of the pools and everything they share. */
    public void apply(Set<String> pools, Duration patience) throws InterruptedException {
        try {
            List<NewTopic> topics = topics(pools);
            for (KafkaFuture<Void> one : admin.createTopics(topics).values().values()) {
                awaitCreated(one, patience);
            }
            for (String pool : pools) {
                // A new share group would start at the latest record and never see what was submitted before it.
                set(
                        ConfigResource.Type.GROUP,
                        Topics.shareGroup(pool),
                        "share.auto.offset.reset",
                        "earliest",
                        patience);
            }
            awaitVisible(topics.stream().map(NewTopic::name).toList(), patience);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TopicSetupException("Topics could not be created: " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new TopicSetupException("Kafka did not answer within " + patience.toSeconds() + " s", e);
        }
    }

    private List<NewTopic> topics(Set<String> pools) {
        Map<String, String> compacted =
                Map.of("cleanup.policy", "compact", "segment.ms", "600000", "min.cleanable.dirty.ratio", "0.1");
        List<NewTopic> topics = new ArrayList<>();
        for (String pool : pools) {
            topics.add(topic(Topics.requested(pool), 1, Map.of("retention.ms", WEEK)));
        }
        topics.add(topic(Topics.JOBS_PROGRESS, Topics.JOB_PARTITIONS, Map.of("retention.ms", WEEK)));
        topics.add(topic(Topics.JOBS_COMPLETED, Topics.JOB_PARTITIONS, Map.of("retention.ms", WEEK)));
        topics.add(topic(Topics.JOBS_CONTROL, 1, Map.of("retention.ms", HOUR)));
        topics.add(topic(
                Topics.JOBS_PREVIEWS, Topics.JOB_PARTITIONS, Map.of("retention.ms", MINUTE, "segment.ms", MINUTE)));
        topics.add(topic(Topics.WORKERS_HEARTBEAT, 1, compacted));
        topics.add(topic(Topics.WORKERS_INVENTORY, 1, compacted));
        topics.add(topic(Topics.JOBS_PROGRESS + Topics.DLT_SUFFIX, 1, Map.of("retention.ms", "-1")));
        topics.add(topic(Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX, 1, Map.of("retention.ms", "-1")));
        return topics;
    }

    private NewTopic topic(String name, int partitions, Map<String, String> settings) {
        return new NewTopic(name, Optional.of(partitions), replication).configs(settings);
    }

    private static void awaitCreated(KafkaFuture<Void> topic, Duration patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            topic.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // It was there, or somebody else was faster, which is as good.
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** The controller has them before the brokers tell of them, and a consumer that is too early waits for minutes. */
    private void awaitVisible(List<String> names, Duration patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!admin.listTopics()
                .names()
                .get(patience.toMillis(), TimeUnit.MILLISECONDS)
                .containsAll(names)) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException();
            }
            Thread.sleep(50);
        }
    }

    private void set(ConfigResource.Type type, String name, String key, String value, Duration patience)
            throws InterruptedException, ExecutionException, TimeoutException {
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(type, name), List.of(set)))
                .all()
                .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
