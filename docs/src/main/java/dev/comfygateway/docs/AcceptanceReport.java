package dev.comfygateway.docs;

import dev.comfygateway.docs.Checklist.Criterion;
import dev.comfygateway.docs.Checklist.Mark;
import dev.comfygateway.docs.Proofs.Claim;
import dev.comfygateway.docs.Proofs.Green;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes {@code docs/acceptance.md}: what the project promises and which test of this build proves it.
 *
 * <p>A test that claims a criterion and did not run green fails the build, and so does a claim of a criterion that does
 * not exist. A test with a tag runs only in the Maven profile of that name: what it claims is listed as such, and is not
 * judged. Modules that take no part in the build are not judged, and then the page stays as it is.
 */
public final class AcceptanceReport {

    private final Checklist checklist;
    /** Claims by the module that makes them. */
    private final Map<String, List<Claim>> claims = new LinkedHashMap<>();

    private final List<Green> green = new ArrayList<>();

    AcceptanceReport(Checklist checklist) {
        this.checklist = checklist;
    }

    /**
     * @param args see {@link Build#parse(String...)}
     * @throws IOException when a file cannot be read or written
     */
    public static void main(String... args) throws IOException {
        Build build = Build.parse(args);
        AcceptanceReport report = new AcceptanceReport(Checklist.load());
        for (Map.Entry<String, Path> module : build.modules().entrySet()) {
            report.add(module.getKey(), Proofs.claims(module.getValue()), Proofs.green(module.getValue()));
        }
        List<String> faults = new ArrayList<>(report.unknownIds());
        if (build.tested()) {
            faults.addAll(report.unsupported());
        }
        if (!faults.isEmpty()) {
            faults.forEach(fault -> System.err.println("acceptance: " + fault));
            throw new IllegalStateException(faults.size() + " claims in tests do not hold");
        }
        if (build.complete() && build.tested()) {
            Document.write(build.root().resolve("docs/acceptance.md"), report.render());
            System.out.println("acceptance: " + report.summary());
        } else {
            System.out.println("acceptance: not all tests of all modules ran; docs/acceptance.md stays as it is");
        }
    }

    void add(String module, List<Claim> moduleClaims, List<Green> moduleGreen) {
        claims.put(module, List.copyOf(moduleClaims));
        green.addAll(moduleGreen);
    }

    /** Claims of criteria that are not on the list. */
    List<String> unknownIds() {
        Set<String> known = new HashSet<>();
        checklist.criteria().forEach(criterion -> known.add(criterion.id()));
        return claims.values().stream()
                .flatMap(List::stream)
                .filter(claim -> !known.contains(claim.id()))
                .map(claim -> claim.label() + " claims " + claim.id() + ", which is not on the checklist")
                .toList();
    }

    /** Claims whose test did not pass in this build. */
    List<String> unsupported() {
        return claims.values().stream()
                .flatMap(List::stream)
                .filter(claim -> claim.profile().isEmpty())
                .filter(claim -> green.stream().noneMatch(claim::supportedBy))
                .map(claim -> claim.label() + " claims " + claim.id() + " but did not run green")
                .toList();
    }

    String summary() {
        Counts counts = count(checklist.criteria());
        return counts.proved + " proved, " + counts.onDemand + " on demand, " + counts.replaced + " replaced, "
                + counts.notApplicable
                + " not applicable, " + counts.open + " open of "
                + checklist.criteria().size();
    }

    String render() {
        StringBuilder out = new StringBuilder();
        out.append("# Acceptance\n\n")
                .append("<!-- Written by ./mvnw verify. Edit docs/src/main/resources/acceptance.tsv instead. -->\n\n")
                .append(
                        "What this project promises, and the tests that prove it. A test names the criteria it proves\n")
                .append("with `@Proves`; the build fails when such a test does not run green. *On demand* means that\n")
                .append("its test takes too long for every build and runs with the named profile only. *Open* means\n")
                .append("that no test proves it yet, whether or not it already works.\n\n");
        out.append("| | criteria | proved | on demand | replaced | not applicable | open |\n")
                .append("|---|---|---|---|---|---|---|\n");
        checklist
                .sections()
                .forEach((section, title) -> out.append(row(
                        "[" + section + "](#" + section.toLowerCase(Locale.ROOT) + ") " + title, count(in(section)))));
        out.append(row("all", count(checklist.criteria())));
        checklist.sections().forEach((section, title) -> {
            out.append("\n## ").append(section).append("\n\n").append(title).append(".\n\n");
            out.append("| id | statement | answer |\n|---|---|---|\n");
            for (Criterion criterion : in(section)) {
                out.append("| ")
                        .append(criterion.id())
                        .append(" | ")
                        .append(Document.cell(criterion.statement()))
                        .append(" | ")
                        .append(answer(criterion))
                        .append(" |\n");
            }
        });
        return out.toString();
    }

    private List<Criterion> in(String section) {
        return checklist.criteria().stream()
                .filter(criterion -> criterion.section().equals(section))
                .toList();
    }

    private String answer(Criterion criterion) {
        Set<String> tests = tests(criterion);
        Set<String> onDemand = onDemand(criterion);
        String note =
                criterion.mark() == Mark.TEST ? "" : criterion.mark().text() + ": " + Document.cell(criterion.note());
        List<String> parts = new ArrayList<>();
        if (!note.isEmpty()) {
            parts.add(note);
        }
        if (!tests.isEmpty()) {
            parts.add("proved by " + String.join(", ", tests));
        }
        if (!onDemand.isEmpty()) {
            parts.add("on demand by " + String.join(", ", onDemand));
        }
        return parts.isEmpty() ? "open" : String.join("; ", parts);
    }

    private Set<String> tests(Criterion criterion) {
        Set<String> tests = new TreeSet<>();
        claims.forEach((module, made) -> made.stream()
                .filter(claim -> claim.id().equals(criterion.id()))
                .filter(claim -> claim.profile().isEmpty())
                .filter(claim -> green.stream().anyMatch(claim::supportedBy))
                .forEach(claim -> tests.add(module + " `" + claim.label() + "`")));
        return tests;
    }

    private Set<String> onDemand(Criterion criterion) {
        Set<String> tests = new TreeSet<>();
        claims.forEach((module, made) -> made.stream()
                .filter(claim -> claim.id().equals(criterion.id()))
                .filter(claim -> !claim.profile().isEmpty())
                .forEach(claim -> tests.add(module + " `" + claim.label() + "` (`./mvnw verify -pl " + module
                        + " -am -P" + claim.profile() + "`)")));
        return tests;
    }

    private static String row(String name, Counts counts) {
        return "| " + name + " | " + counts.all() + " | " + counts.proved + " | " + counts.onDemand + " | "
                + counts.replaced + " | "
                + counts.notApplicable + " | " + counts.open + " |\n";
    }

    private Counts count(List<Criterion> criteria) {
        int proved = 0;
        int onDemand = 0;
        int replaced = 0;
        int notApplicable = 0;
        int open = 0;
        for (Criterion criterion : criteria) {
            if (!tests(criterion).isEmpty()) {
                proved++;
            } else if (!onDemand(criterion).isEmpty()) {
                onDemand++;
            } else {
                switch (criterion.mark()) {
                    case REPLACED -> replaced++;
                    case NOT_APPLICABLE -> notApplicable++;
                    case TEST -> open++;
                }
            }
        }
        return new Counts(proved, onDemand, replaced, notApplicable, open);
    }

    private record Counts(int proved, int onDemand, int replaced, int notApplicable, int open) {

        int all() {
            return proved + onDemand + replaced + notApplicable + open;
        }
    }
}
