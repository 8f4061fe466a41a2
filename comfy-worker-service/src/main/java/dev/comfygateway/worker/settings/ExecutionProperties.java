package dev.comfygateway.worker.settings;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How prompts are run and followed.
 *
 * @param pollInterval how often history is asked for, whatever the socket says
 * @param pingInterval keeps idle proxies from cutting the socket
 * @param lostAfter time between the two looks that find a prompt in neither history nor queue
 * @param unreachableAfter how long connections may be refused before a running prompt counts as lost
 * @param stuckAfter how long a prompt may wait although the server runs nothing, before the server counts as dead
 * @param cancelRepeat how often a cancel is repeated until the prompt has ended
 * @param cancelAtMost how long a prompt is tried to be stopped before its server counts as not stopping it
 * @param prefetchWindow another attempt is prepared when the running one should end within this time
 * @param finishPermits attempts that may download and store at the same time, per server
 * @param isolation what tenants that share a server may share
 * @param grace how long running attempts may go on after the worker was told to stop
 */
@ConfigurationProperties("comfy.worker.execution")
public record ExecutionProperties(
        @DefaultValue("2s") Duration pollInterval,
        @DefaultValue("25s") Duration pingInterval,
        @DefaultValue("3s") Duration lostAfter,
        @DefaultValue("30s") Duration unreachableAfter,
        @DefaultValue("15s") Duration stuckAfter,
        @DefaultValue("500ms") Duration cancelRepeat,
        @DefaultValue("60s") Duration cancelAtMost,
        @DefaultValue("10s") Duration prefetchWindow,
        @DefaultValue("8") int finishPermits,
        @DefaultValue("shared") Isolation isolation,
        @DefaultValue("25s") Duration grace) {

    /** How far tenants are kept apart on one server. */
    public enum Isolation {
        /** Models and cached results are shared; files are not. */
        SHARED,
        /** Memory and cache are freed whenever the tenant changes. */
        TENANT
    }
}
