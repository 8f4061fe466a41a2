package dev.comfygateway.systemtests;

import static dev.comfygateway.systemtests.FaultRig.COMFY_UIS;
import static dev.comfygateway.systemtests.FaultRig.JOBS;
import static dev.comfygateway.systemtests.FaultRig.POSTGRES;
import static dev.comfygateway.systemtests.FaultRig.WORKERS;

import java.time.Duration;

/** Something that goes wrong with a {@link FaultRig} for a while. */
sealed interface Fault {

    /** Part or link that suffers. */
    String where();

    /** How long, before it is healed. */
    Duration lasting();

    void strike(FaultRig rig);

    /** Undoes it; returns when the part serves again. */
    void heal(FaultRig rig);

    /**
     * Whether the rules allow a job that was being claimed or run meanwhile another attempt. A claim that was committed
     * but whose answer was lost costs one, so job-service and its database are among them.
     */
    default boolean mayCostAttempts() {
        return WORKERS.contains(where())
                || COMFY_UIS.contains(where())
                || where().equals(JOBS)
                || where().equals(POSTGRES)
                || where().equals(JOBS + ">" + POSTGRES)
                || WORKERS.stream()
                        .anyMatch(worker -> where().equals(worker + ">" + JOBS)
                                || COMFY_UIS.stream().anyMatch(comfy -> where().equals(worker + ">" + comfy)));
    }

    /** {@code kill -9}, and a restart with the same data afterwards. */
    record Killed(String where, Duration lasting) implements Fault {
        @Override
        public void strike(FaultRig rig) {
            rig.kill(where);
        }

        @Override
        public void heal(FaultRig rig) {
            rig.start(where);
        }
    }

    /** SIGSTOP and SIGCONT: the part keeps its connections and believes that no time has passed. */
    record Paused(String where, Duration lasting) implements Fault {
        @Override
        public void strike(FaultRig rig) {
            rig.pause(where);
        }

        @Override
        public void heal(FaultRig rig) {
            rig.resume(where);
        }
    }

    /** Every connection of a link is reset, and after a while once more. */
    record Reset(String where, Duration lasting) implements Fault {
        @Override
        public void strike(FaultRig rig) {
            rig.link(where).reset();
        }

        @Override
        public void heal(FaultRig rig) {
            rig.link(where).reset();
        }
    }

    /** What passes a link is late. */
    record Delayed(String where, Duration lasting, Duration by) implements Fault {
        @Override
        public void strike(FaultRig rig) {
            rig.link(where).delay(by);
        }

        @Override
        public void heal(FaultRig rig) {
            rig.link(where).delay(Duration.ZERO);
        }
    }

    /** A link carries nothing, and nobody is told. */
    record Silenced(String where, Duration lasting) implements Fault {
        @Override
        public void strike(FaultRig rig) {
            rig.link(where).silence(true);
        }

        @Override
        public void heal(FaultRig rig) {
            rig.link(where).silence(false);
        }
    }

    /** Every record of every topic is written a second time. */
    record Duplicated(Duplicator by) implements Fault {
        @Override
        public String where() {
            return "all topics";
        }

        @Override
        public Duration lasting() {
            return Duration.ZERO;
        }

        @Override
        public void strike(FaultRig rig) {
            by.repeatNewRecords();
        }

        @Override
        public void heal(FaultRig rig) {
            // Once written, they stay.
        }

        @Override
        public String toString() {
            return "Duplicated[" + where() + "]";
        }
    }
}
