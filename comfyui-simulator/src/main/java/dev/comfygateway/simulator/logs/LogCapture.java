package dev.comfygateway.simulator.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Copies what is logged into the server's log. Not synchronised: a socket's lock may be held by who logs, and is needed
 * by who tells the line.
 */
@Component
public class LogCapture extends UnsynchronizedAppenderBase<ILoggingEvent> {

    private final ServerLog log;

    LogCapture(ServerLog log) {
        this.log = log;
    }

    /** Begins, also again: a second application in this process sets logging up anew when it starts. */
    @PostConstruct
    public void attach() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
            if (!root.isAttached(this)) {
                setContext(context);
                start();
                root.addAppender(this);
            }
        }
    }

    @PreDestroy
    void detach() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger(Logger.ROOT_LOGGER_NAME).detachAppender(this);
        }
        stop();
    }

    @Override
    protected void append(ILoggingEvent event) {
        log.add(LocalDateTime.ofInstant(event.getInstant(), ZoneId.systemDefault()), event.getFormattedMessage());
    }
}
