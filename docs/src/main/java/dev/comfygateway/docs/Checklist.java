package dev.comfygateway.docs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the project promises, one criterion per line.
 *
 * @param criteria in the order of the file
 * @param sections titles by the part of the id before the dash
 */
record Checklist(List<Criterion> criteria, Map<String, String> sections) {

    private static final String RESOURCE = "/acceptance.tsv";
    private static final Pattern ID = Pattern.compile("(?:S[0-4]|X)-[1-9][0-9]*");

    Checklist {
        criteria = List.copyOf(criteria);
        sections = new LinkedHashMap<>(sections);
    }

    /** How a criterion is answered when no test proves it. */
    enum Mark {
        /** A test has to prove it. */
        TEST(""),
        /** The project does the same job in another way, which the note names. */
        REPLACED("replaced by"),
        /** It has no meaning here, for the reason in the note. */
        NOT_APPLICABLE("not applicable");

        private final String text;

        Mark(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }

        static Mark parse(String text) {
            for (Mark mark : values()) {
                if (mark.text.equals(text)) {
                    return mark;
                }
            }
            throw new IllegalArgumentException("Neither 'replaced by' nor 'not applicable': " + text);
        }
    }

    /**
     * @param id as quoted in tests, for example {@code S0-54}
     * @param statement what holds
     * @param mark how it is answered without a test
     * @param note what replaces it or why it does not apply; empty otherwise
     */
    record Criterion(String id, String statement, Mark mark, String note) {

        String section() {
            return id.substring(0, id.indexOf('-'));
        }
    }

    /** The list that the project carries. */
    static Checklist load() {
        try (InputStream in = Checklist.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads lines of {@code id<TAB>statement[<TAB>mark<TAB>note]}. A line {@code = section<TAB>title} names a section;
     * empty lines and lines that begin with {@code #} mean nothing.
     */
    static Checklist parse(String text) {
        List<Criterion> criteria = new ArrayList<>();
        Map<String, String> sections = new LinkedHashMap<>();
        Set<String> ids = new HashSet<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] fields = line.split("\t", -1);
            if (line.startsWith("= ") && fields.length == 2) {
                sections.put(fields[0].substring(2), fields[1]);
                continue;
            }
            if ((fields.length != 2 && fields.length != 4) || fields[1].isBlank()) {
                throw new IllegalArgumentException("Not a criterion: " + line);
            }
            if (!ID.matcher(fields[0]).matches()) {
                throw new IllegalArgumentException("Not an id: " + fields[0]);
            }
            if (!ids.add(fields[0])) {
                throw new IllegalArgumentException("Listed twice: " + fields[0]);
            }
            Mark mark = fields.length == 2 ? Mark.TEST : Mark.parse(fields[2]);
            String note = fields.length == 2 ? "" : fields[3];
            if (mark != Mark.TEST && note.isBlank()) {
                throw new IllegalArgumentException("No reason given: " + line);
            }
            criteria.add(new Criterion(fields[0], fields[1], mark, note));
        }
        return new Checklist(criteria, sections);
    }
}
