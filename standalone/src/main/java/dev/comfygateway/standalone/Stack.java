package dev.comfygateway.standalone;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.standalone.process.FolderLock;
import dev.comfygateway.topic.TopicSetup;
import dev.comfygateway.topic.TopicSetupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Everything on one machine: starts it in order, keeps it running, and stops it as a whole. */
final class Stack implements AutoCloseable {

    private final StackSettings settings;
    private final Map<String, String> outer;
    private final ProgressLines progress;
    private final Supervisor supervisor;
    private final ReentrantLock stopGuard = new ReentrantLock();
    private @Nullable FolderLock lock;
    private @Nullable StackState state;

    Stack(StackSettings settings, Map<String, String> outer, ProgressLines progress) {
        this.settings = settings;
        this.outer = Map.copyOf(outer);
        this.progress = progress;
        this.supervisor = new Supervisor(settings, progress, this::writeState);
    }

    /**
     * Starts everything; blocks until all of it serves.
     *
     * @throws StartFailure when something cannot be started; {@link #close} then stops the rest
     */
    void start() throws StartFailure, IOException, InterruptedException {
        PackagedJars jars = PackagedJars.find(settings);
        Files.createDirectories(settings.data());
        Path lockFile = settings.data().resolve("stack.lock");
        lock = FolderLock.tryTake(lockFile).orElse(null);
        if (lock == null) {
            throw new StartFailure("The data folder " + settings.data() + " is in use by another stack (process "
                    + FolderLock.holder(lockFile) + "); stop that one, or choose another folder with --data");
        }
        if (settings.port().isPresent() && !Ports.isFree(settings.port().get())) {
            throw new InvalidSettingException("PORT", settings.port().get() + " is taken by another program");
        }
        Secrets secrets = Secrets.of(settings.data());
        Map<String, Integer> preferred = StackAddresses.preferredPorts(settings);
        Map<String, Integer> ports = Ports.choose(preferred);
        StackAddresses addresses = new StackAddresses(settings, ports);
        ServiceEnvironment environment = new ServiceEnvironment(settings, addresses, secrets, outer);
        StackState stackState = new StackState(settings, addresses, secrets);
        stackState.remove();
        state = stackState;
        progress.say("data folder " + settings.data());
        ports.forEach((name, port) -> {
            Integer wanted = preferred.get(name);
            if (wanted != null && !wanted.equals(port)) {
                progress.say("port " + wanted + " is taken; " + name + " uses " + port);
            }
        });

        StackPlans plans = new StackPlans(settings, addresses, secrets, environment, jars);
        supervisor.startAll(plans.parts());
        setUpTopics(addresses);
        supervisor.startAll(plans.backing());
        supervisor.startAll(plans.front());
        writeState();
        progress.say("everything is ready: " + addresses.url(StackAddresses.GATEWAY));
        progress.note("API documents   " + addresses.url(StackAddresses.GATEWAY) + "/docs");
        progress.note("ComfyUI         " + addresses.comfyUi()
                + (settings.comfyUi().isEmpty() ? " (the built-in simulator)" : ""));
        progress.note("secrets         " + secrets.file() + " (webhook-secret signs webhook deliveries)");
        progress.note("logs            " + settings.data().resolve("logs"));
        if (!settings.authEnabled()) {
            progress.note("authentication  off: everybody who reaches " + settings.host()
                    + " is admin; set API_KEYS to switch it on");
        }
    }

    private void setUpTopics(StackAddresses addresses) throws StartFailure, InterruptedException {
        try {
            TopicSetup.run(addresses.kafka(), Optional.empty(), Set.of(Topics.DEFAULT_POOL), Duration.ofSeconds(30));
            progress.say("topics are ready");
        } catch (TopicSetupException e) {
            throw new StartFailure((settings.kafka().isPresent() ? "KAFKA_BOOTSTRAP_SERVERS: " : "") + e.getMessage());
        }
    }

    private void writeState() {
        StackState current = state;
        if (current == null) {
            return;
        }
        supervisor.whileRunning(children -> {
            try {
                current.write(children);
            } catch (IOException e) {
                progress.warn("stack.json cannot be written: " + e.getMessage());
            }
        });
    }

    /** Stops everything, the services before what they stand on; may be called from several threads. */
    @Override
    public void close() {
        stopGuard.lock();
        try {
            boolean stopped = supervisor.stop(StackPlans.PARTS);
            if (state != null) {
                state.remove();
            }
            if (lock != null) {
                lock.close();
                lock = null;
            }
            if (stopped) {
                progress.say("stopped");
            }
        } catch (IOException e) {
            progress.warn("The data folder cannot be tidied: " + e.getMessage());
        } finally {
            stopGuard.unlock();
        }
    }
}
