package dev.comfygateway.job.log;

import dev.comfygateway.contract.problem.Messages;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of messages what a log must not show: the text a job was made of, addresses, paths and secrets. Errors of
 * nodes repeat whatever they were given, so the values of the graph are looked for in them.
 */
final class Redaction {

    private static final int MOST = 500;
    private static final int MOST_OF_A_LABEL = 100;
    /** Shorter values are words like {@code euler}, in messages by chance as often as not; taken out only in quotes. */
    private static final int SHORTEST_VALUE = 6;
    /** A value cut off by somebody before is still known from this much of its beginning. */
    private static final int BEGINNING = 12;

    private record Rule(Pattern pattern, String replacement) {
        static Rule of(String regex, String replacement) {
            return new Rule(Pattern.compile(regex), replacement);
        }
    }

    /** Addresses before paths: parts of an address look like a path. */
    private static final List<Rule> RULES = List.of(
            Rule.of("(?i)\\b(?:[a-z][a-z0-9+.-]*://|data:|www\\.)\\S+", "<address>"),
            Rule.of("(?i)\\b[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+", "<address>"),
            Rule.of("\\beyJ[\\w-]{5,}(?:\\.[\\w-]+){1,2}", "<secret>"),
            Rule.of("(?i)\\b(authorization)\\b[\"']?\\s*[:=]?\\s*(?:\\w+\\s+)?[^\\s\"',;]{4,}", "$1 <secret>"),
            Rule.of("(?i)\\b(bearer)\\s+[^\\s\"',;]{4,}", "$1 <secret>"),
            Rule.of(
                    "(?i)\\b((?:\\w*[_-])?(?:token|key|secret|password|passwd|apikey))[\"']?\\s*[:=]\\s*[\"']?"
                            + "[^\\s\"',;]{4,}",
                    "$1 <secret>"),
            Rule.of("\\[?(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}\\]?(?::\\d+)?", "<address>"),
            Rule.of("\\b\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d+)?\\b", "<address>"),
            Rule.of("(?i)\\blocalhost\\b(?::\\d+)?", "<address>"),
            Rule.of("(?i)\\b(?:[a-z0-9-]+(?:\\.[a-z0-9-]+)+:\\d{2,5}|[a-z][a-z0-9-]*:\\d{4,5})\\b", "<address>"),
            Rule.of("(?<![\\w\\\\])(?:[A-Za-z]:[\\\\/]|\\\\\\\\)[^\\s'\",;]+", "<path>"),
            Rule.of("(?<![\\w:/.<>])(?:~|\\.{1,2})?/[^\\s'\",:;/][^\\s'\",:;]*", "<path>"),
            Rule.of("(?<![\\w/<>])[\\w.-]+[\\\\/](?:[\\w .-]*[\\\\/])*[\\w-]+\\.\\w{1,12}\\b", "<path>"),
            Rule.of("(?<![\\w/<>])[\\w.-]+(?:[\\\\/][\\w.-]+){2,}", "<path>"),
            Rule.of("(?<![\\w+/=-])(?=(?:[\\w+/=-]*\\d){3})(?=[\\w+/=-]*[A-Za-z])[\\w+/=-]{24,}", "<secret>"));

    private static final Pattern QUOTED = Pattern.compile("(['\"`])(.{3,}?)\\1");
    /** Ids of nodes, those of nodes within nodes included. */
    private static final Pattern NODE_ID = Pattern.compile("\\d{1,9}(?::\\d{1,9})*");

    private final List<String> values;

    /** @param graph what the job runs; every text in its inputs counts as a value */
    Redaction(@Nullable Map<String, Object> graph) {
        List<String> found = new ArrayList<>();
        if (graph != null) {
            graph.values().forEach(node -> {
                if (node instanceof Map<?, ?> fields) {
                    collect(fields.get("inputs"), found);
                }
            });
        }
        this.values = found.stream()
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** A message, its first 500 characters. */
    String message(String text) {
        String line =
                Messages.cut(text, 2 * MOST).replaceAll("\\p{Cntrl}+", " ").strip();
        for (String value : values) {
            if (value.length() >= SHORTEST_VALUE) {
                line = without(line, value);
            }
        }
        line = QUOTED.matcher(line)
                .replaceAll(quoted -> Matcher.quoteReplacement(
                        isPartOfAValue(quoted.group(2))
                                ? quoted.group(1) + "<value>" + quoted.group(1)
                                : quoted.group()));
        return Messages.cut(byRules(line), MOST);
    }

    /** The name of a node or a class: shown as it is, unless it is something else in disguise. */
    String label(String text) {
        return NODE_ID.matcher(text).matches()
                ? text
                : Messages.cut(
                        byRules(Messages.cut(text, 2 * MOST)
                                .replaceAll("\\p{Cntrl}+", " ")
                                .strip()),
                        MOST_OF_A_LABEL);
    }

    private boolean isPartOfAValue(String text) {
        return values.stream().anyMatch(value -> value.contains(text));
    }

    private static String byRules(String text) {
        String line = text;
        for (Rule rule : RULES) {
            line = rule.pattern().matcher(line).replaceAll(rule.replacement());
        }
        return line;
    }

    private static String without(String text, String value) {
        String sought = value.substring(0, Math.min(BEGINNING, value.length()));
        StringBuilder kept = new StringBuilder();
        int from = 0;
        int at = text.indexOf(sought);
        while (at >= 0) {
            int end = at + sought.length();
            while (end < text.length() && end - at < value.length() && text.charAt(end) == value.charAt(end - at)) {
                end++;
            }
            kept.append(text, from, at).append("<value>");
            from = end;
            at = text.indexOf(sought, from);
        }
        return from == 0 ? text : kept.append(text.substring(from)).toString();
    }

    private static void collect(@Nullable Object value, List<String> found) {
        switch (value) {
            case String text ->
                text.lines()
                        .map(line -> line.replaceAll("\\p{Cntrl}+", " ").strip())
                        .filter(line -> !line.isEmpty())
                        .forEach(found::add);
            case Map<?, ?> map -> map.values().forEach(each -> collect(each, found));
            case Collection<?> list -> list.forEach(each -> collect(each, found));
            case null, default -> {
                // numbers and switches say nothing about what was asked for
            }
        }
    }
}
