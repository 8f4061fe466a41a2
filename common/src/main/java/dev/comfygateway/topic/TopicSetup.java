package dev.comfygateway.topic;

import dev.comfygateway.contract.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
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
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates every topic and group setting that the services expect. Safe to run any number of times. */
public final class TopicSetup {

    private static final String MINUTE = "60000";
    private static final String HOUR = "3600000";
    private static final String WEEK = "604800000";

    private static final Duration PROPAGATION = Duration.ofMillis(50);
    private static final Duration ANSWER = Duration.ofMinutes(1);
    private static final Duration ABSENCE = Duration.ofSeconds(1);

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
     * Runs against {@code KAFKA_BOOTSTRAP_SERVERS} for the pools of {@code JOB_POOLS} and the default one, with
     * {@code KAFKA_REPLICATION}
     * copies or the cluster's default. With the argument {@code --await} it creates nothing, and returns when another run
     * has: a consumer that starts before its topics are there finds them minutes later. Exits with 1 after a minute
     * without a broker, and after five without the topics.
     */
    public static void main(String[] args) throws InterruptedException {
        boolean await = args.length > 0 && args[0].equals("--await");
        String servers = setting("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");
        Set<String> pools = new LinkedHashSet<>(Set.of(Topics.DEFAULT_POOL));
        for (String pool : setting("JOB_POOLS", "").split(",", -1)) {
            if (!pool.isBlank()) {
                pools.add(pool.strip());
            }
        }
        String copies = setting("KAFKA_REPLICATION", "");
        Optional<Short> replication = copies.isEmpty() ? Optional.empty() : Optional.of(Short.valueOf(copies));
        try {
            if (await) {
                await(servers, pools, Duration.ofMinutes(5));
            } else {
                run(servers, replication, pools, Duration.ofSeconds(60));
            }
            System.out.println("Topics are ready at " + servers);
        } catch (TopicSetupException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    private static String setting(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? otherwise : value.strip();
    }

    /**
     * Connects, creates what is missing and returns; blocks for at most about {@code patience}.
     *
     * @throws TopicSetupException when the broker cannot be reached or refuses
     */
    public static void run(String servers, Optional<Short> replication, Set<String> pools, Duration patience)
            throws InterruptedException {
        try (Admin admin = connect(servers, patience, patience)) {
            new TopicSetup(admin, replication).apply(pools, patience);
        } catch (KafkaException e) {
            throw new TopicSetupException("Kafka at " + servers + " cannot be used: " + reason(e), e);
        }
    }

    /**
     * Returns when everything is there, which somebody else creates; blocks for at most about {@code patience},
     * and a minute more when there is no broker.
     *
     * @throws TopicSetupException when it is not there by then
     */
    public static void await(String servers, Set<String> pools, Duration patience) throws InterruptedException {
        try (Admin admin = connect(servers, patience, ANSWER)) {
            TopicSetup setup = new TopicSetup(admin, Optional.empty());
            setup.awaitVisible(names(setup.topics(pools)), patience, ABSENCE);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new TopicSetupException(
                    "Topics are missing at " + servers + ", waited for " + patience.toSeconds() + " s: " + reason(e),
                    e);
        }
    }

    /** In a cluster the broker's name may not exist yet, which the client takes for a wrong setting. */
    private static Admin connect(String servers, Duration patience, Duration answer) throws InterruptedException {
        int timeout = Math.toIntExact(answer.toMillis());
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "topic-setup",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                timeout,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.min(timeout, 15_000));
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return Admin.create(settings);
            } catch (KafkaException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
            Thread.sleep(ABSENCE);
        }
    }

    private static String reason(Exception e) {
        return String.valueOf((e.getCause() == null ? e : e.getCause()).getMessage());
    }

    /** Creates the topics of the pools and everything they share. */
    public void apply(Set<String> pools, Duration patience) throws InterruptedException {
        try {
            // Before the topics: whoever sees those finds everything.
            for (String pool : pools) {
                // A new share group would start at the latest record and never see what was submitted before it.
                set(
                        ConfigResource.Type.GROUP,
                        Topics.shareGroup(pool),
                        "share.auto.offset.reset",
                        "earliest",
                        patience);
            }
            List<NewTopic> topics = topics(pools);
            for (KafkaFuture<Void> one : admin.createTopics(topics).values().values()) {
                awaitCreated(one, patience);
            }
            awaitVisible(names(topics), patience, PROPAGATION);
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

    private static List<String> names(List<NewTopic> topics) {
        return topics.stream().map(NewTopic::name).toList();
    }

    /** The controller has them before the brokers tell of them, and a consumer that is too early waits for minutes. */
    private void awaitVisible(List<String> names, Duration patience, Duration pause)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Set<String> missing = new LinkedHashSet<>(names);
            missing.removeAll(admin.listTopics().names().get(ANSWER.toMillis(), TimeUnit.MILLISECONDS));
            if (missing.isEmpty()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("no " + String.join(", ", missing));
            }
            Thread.sleep(pause);
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
