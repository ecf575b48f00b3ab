package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.Engine;
import org.etalon.engine.promotion.Check;
import org.etalon.engine.promotion.VersionTrial;
import org.etalon.engine.repository.Canary;
import org.etalon.engine.repository.StagedVersion;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code etalon models promote}. */
@Command(
    name = "promote",
    description =
        "Takes a version from a development repository to a production one, once it has reproduced its reference and kept the limits that the model's configuration sets (promotion.*). With --url the server is watched, and the version taken back if it does not serve; with --share it is given that share of the requests first.",
    mixinStandardHelpOptions = true)
final class ModelsPromoteCommand implements Callable<Integer> {
  private static final Pattern NAME = Pattern.compile("([^/]+)(?:/([1-9][0-9]{0,17}))?");
  private static final Pattern TIME = Pattern.compile("([0-9]+)(s|m|h)");

  @Spec private @Nullable CommandSpec command;

  @Parameters(
      paramLabel = "MODEL[/VERSION]",
      description = "Which model, and which of its versions (default: the newest).")
  private String named = "";

  /** The model's name, once the parameter is read. */
  private String model = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "DIR",
      description = "The repository that has the version.")
  private Path from = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The repository that is to have it.")
  private Path to = Path.of("");

  @Option(
      names = "--url",
      paramLabel = "grpc://HOST:PORT",
      description = "A running server of the repository that is to have it.")
  private @Nullable String url;

  @Option(
      names = "--share",
      paramLabel = "FRACTION",
      description = "Give it this share of the requests first, such as 0.05; with --url.")
  private @Nullable Double share;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      description = "For how long, such as 30s, 10m or 2h (default: ${DEFAULT-VALUE}).")
  private String canaryTime = "10m";

  @Option(
      names = "--patience",
      paramLabel = "TIME",
      description =
          "How long the server may take to notice and load it (default: ${DEFAULT-VALUE}).")
  private String patience = "2m";

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration watched = time("--for", canaryTime);
    Duration noticed = time("--patience", patience);
    if (share != null && (url == null || !(share > 0 && share < 1))) {
      throw WrongUsage.of(
          command,
          "--share: %s (expected: between 0 and 1, neither of them, together with --url)"
              .formatted(share));
    }
    OptionalLong wanted = wanted();
    Logging.leaveModelsToTheCommand();
    try (StagedVersion staged = StagedVersion.copy(from, to, model, wanted)) {
      List<Check> checks = VersionTrial.run(staged, Engine::installedBackends);
      print(checks);
      Optional<Check> broken = checks.stream().filter(check -> !check.isPassed()).findFirst();
      if (broken.isPresent()) {
        return finish(
            staged.version(), checks, "refused", broken.get().name() + ": " + broken.get().text());
      }
      boolean isCanary = share != null && staged.isReplacement();
      if (isCanary && share != null) {
        new Canary(staged.version(), share).write(to.resolve(model));
      }
      staged.publish();
      Optional<String> fault =
          url == null
              ? Optional.empty()
              : follow(url, staged.version(), isCanary, watched, noticed);
      return finish(
          staged.version(),
          checks,
          fault.isPresent() ? "taken back" : "promoted",
          fault.orElse(""));
    }
  }

  private OptionalLong wanted() {
    Matcher form = NAME.matcher(named);
    if (!form.matches()) {
      throw WrongUsage.of(command, "'%s' (expected: MODEL or MODEL/VERSION)".formatted(named));
    }
    model = form.group(1);
    return form.group(2) == null
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(form.group(2)));
  }

  private static void print(List<Check> checks) {
    TextTable table = new TextTable("check", "passed", "measured");
    checks.forEach(check -> table.row(check.name(), check.isPassed() ? "yes" : "no", check.text()));
    table.print(false);
  }

  /** Why the version was taken back; else empty. */
  private Optional<String> follow(
      String server, long number, boolean isCanary, Duration watched, Duration noticed)
      throws IOException, InterruptedException {
    try (EtalonClient client =
        EtalonClient.open(WrongUsage.unlessAccepted(command, () -> ClientConfig.of(server)))) {
      VersionRollout rollout = new VersionRollout(client, model, number, noticed);
      Optional<String> fault;
      try {
        fault = isCanary ? tryCanary(rollout, number, watched) : rollout.take();
      } catch (ServingException e) {
        fault = Optional.of("the server cannot be watched: " + e.getMessage());
      }
      if (fault.isPresent()) {
        StagedVersion.withdraw(to, model, number);
        Canary.end(to.resolve(model));
        rollout.giveUp();
      }
      return fault;
    }
  }

  private Optional<String> tryCanary(VersionRollout rollout, long number, Duration watched)
      throws IOException, InterruptedException {
    Optional<String> fault = rollout.take();
    if (fault.isPresent()) {
      return fault;
    }
    System.err.printf(
        "etalon: %s/%d is given %s of the requests for %s%n", model, number, share, canaryTime);
    fault = rollout.watch(watched);
    if (fault.isPresent()) {
      return fault;
    }
    Canary.end(to.resolve(model));
    return rollout.takeWhole();
  }

  private int finish(long number, List<Check> checks, String outcome, String reason)
      throws IOException {
    new PromotionRecord(model, number, outcome, reason, checks).append(to);
    String told = reason.isEmpty() ? outcome : outcome + ": " + reason;
    boolean isPromoted = reason.isEmpty();
    (isPromoted ? System.out : System.err).printf("%s/%d %s%n", model, number, told);
    return isPromoted ? 0 : 1;
  }

  private Duration time(String option, String text) {
    Matcher form = TIME.matcher(text);
    if (!form.matches()) {
      throw WrongUsage.of(
          command, "%s: '%s' (expected: such as 30s, 10m or 2h)".formatted(option, text));
    }
    return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
  }
}
