package dev.comfygateway.contract.event;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The wire name of an event: what happened, and the major version of its data.
 *
 * <p>Its text form is the CloudEvents {@code type}, for example {@code job.succeeded.v1}. It never follows a Java
 * class name, so that classes can move.
 *
 * @param name dotted lower-case name, for example {@code job.succeeded}
 * @param version major version, from 1
 */
public record EventType(String name, int version) {

    private static final Pattern FORM = Pattern.compile("([a-z]+(?:[.-][a-z]+)*)\\.v([1-9][0-9]{0,3})");

    public EventType {
        if (!FORM.matcher(name + ".v" + version).matches()) {
            throw new IllegalArgumentException("Not an event type: " + name + ".v" + version);
        }
    }

    /** Reads the text form; throws {@link IllegalArgumentException} when it is not one. */
    public static EventType parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not an event type: " + text);
        }
        return new EventType(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public String toString() {
        return name + ".v" + version;
    }
}
