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
 * @param cancelRepeat how often a cancel is repeated until the prompt has ended
 * @param prefetchWindow another attempt is prepared when the running one should end within this time
 * @param finishPermits attempts that may download and store at the same time, per server
 * @param grace how long running attempts may go on after the worker was told to stop
 */
@ConfigurationProperties("comfy.worker.execution")
public record ExecutionProperties(
        @DefaultValue("2s") Duration pollInterval,
        @DefaultValue("25s") Duration pingInterval,
        @DefaultValue("3s") Duration lostAfter,
        @DefaultValue("30s") Duration unreachableAfter,
        @DefaultValue("500ms") Duration cancelRepeat,
        @DefaultValue("10s") Duration prefetchWindow,
        @DefaultValue("8") int finishPermits,
        @DefaultValue("25s") Duration grace) {}
