package dev.comfygateway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.docs.Proofs.Claim;
import dev.comfygateway.docs.Proofs.Green;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptanceReportTests {

    private final AcceptanceReport report = new AcceptanceReport(Checklist.parse("""
            = S0\tJobs
            S0-1\tanswers a | b
            S0-2\tkeeps files\treplaced by\tobjects
            S0-3\tstarts containers
            = X\tFaults
            X-1\tloses nothing\tnot applicable\tnothing to lose
            """));

    @Test
    void namesTheTestThatProvesACriterion() {
        report.add(
                "job-service",
                List.of(new Claim("S0-1", "a.b.JobTests", "answers", false)),
                List.of(new Green("S0-1", "a.b.JobTests", "answers")));

        assertThat(report.unsupported()).isEmpty();
        assertThat(report.render())
                .contains("| S0-1 | answers a \\| b | proved by job-service `JobTests.answers` |")
                .contains("| S0-2 | keeps files | replaced by: objects |")
                .contains("| S0-3 | starts containers | open |")
                .contains("| X-1 | loses nothing | not applicable: nothing to lose |")
                .contains("| [S0](#s0) Jobs | 3 | 1 | 0 | 1 | 0 | 1 |")
                .contains("| all | 4 | 1 | 0 | 1 | 1 | 1 |");
        assertThat(report.summary()).isEqualTo("1 proved, 0 on demand, 1 replaced, 1 not applicable, 1 open of 4");
    }

    @Test
    void refusesAClaimWhoseTestDidNotRunGreen() {
        report.add(
                "job-service",
                List.of(new Claim("S0-1", "a.JobTests", "answers", false)),
                List.of(
                        new Green("S0-1", "a.JobTests", "other"),
                        new Green("S0-1", "a.OtherTests", "answers"),
                        new Green("S0-3", "a.JobTests", "answers")));

        assertThat(report.unsupported()).containsExactly("JobTests.answers claims S0-1 but did not run green");
        assertThat(report.render()).contains("| S0-1 | answers a \\| b | open |");
    }

    @Test
    void namesTheProfileOfATestThatNotEveryBuildRuns() {
        report.add(
                "system-tests",
                List.of(
                        new Claim("S0-1", "a.LoadIT", "endsAll", false, "load"),
                        new Claim("S0-2", "a.LoadIT", "keeps", false, "load")),
                List.of(new Green("S0-2", "a.LoadIT", "keeps")));

        assertThat(report.unsupported()).isEmpty();
        assertThat(report.render())
                .contains("| S0-1 | answers a \\| b | on demand by system-tests `LoadIT.endsAll`"
                        + " (`./mvnw verify -pl system-tests -am -Pload`) |")
                .contains("| S0-2 | keeps files | replaced by: objects; on demand by system-tests `LoadIT.keeps`")
                .contains("| [S0](#s0) Jobs | 3 | 0 | 2 | 0 | 0 | 1 |");
    }

    @Test
    void takesAnyGreenTestOfAClassThatMakesTheClaim() {
        report.add(
                "job-service",
                List.of(new Claim("S0-1", "a.JobTests", "", false)),
                List.of(new Green("S0-1", "a.JobTests", "one"), new Green("S0-1", "a.JobTests", "two")));

        assertThat(report.unsupported()).isEmpty();
        assertThat(report.render()).contains("proved by job-service `JobTests` |");
    }

    @Test
    void takesATestInheritedFromAnAbstractClass() {
        report.add(
                "job-service",
                List.of(new Claim("S0-1", "a.AbstractTests", "answers", true)),
                List.of(new Green("S0-1", "a.JobTests", "answers")));

        assertThat(report.unsupported()).isEmpty();
    }

    @Test
    void refusesAClaimThatIsNotOnTheChecklist() {
        report.add("job-service", List.of(new Claim("S0-99", "a.JobTests", "answers", false)), List.of());

        assertThat(report.unknownIds()).containsExactly("JobTests.answers claims S0-99, which is not on the checklist");
    }

    @Test
    void writesTheSameTextWhateverTheOrderOfTheTests() {
        List<Claim> claims =
                List.of(new Claim("S0-1", "a.BTests", "b", false), new Claim("S0-1", "a.ATests", "a", false));
        List<Green> green = List.of(new Green("S0-1", "a.BTests", "b"), new Green("S0-1", "a.ATests", "a"));
        AcceptanceReport other = new AcceptanceReport(Checklist.parse("= S0\tJobs\nS0-1\tx\n"));
        AcceptanceReport same = new AcceptanceReport(Checklist.parse("= S0\tJobs\nS0-1\tx\n"));
        other.add("m", claims, green);
        same.add("m", claims.reversed(), green.reversed());

        assertThat(other.render()).isEqualTo(same.render());
    }
}
