package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etalon.engine.config.RateLimits;
import picocli.CommandLine.Option;

/** The options of {@code etalon serve} that say what instances share, and whether it counts. */
final class RateLimitOptions {
  private static final Pattern RESOURCE =
      Pattern.compile("(?<name>[^:]+):(?<count>\\d{1,9})(:(?<device>\\d{1,9}))?");

  @Option(
      names = "--rate-limit",
      paramLabel = "off|execution_count",
      description =
          "execution_count: instances hold the resources of their rate_limiter while they run, and take turns by its priority (default: off).")
  private String mode = "off";

  @Option(
      names = "--rate-limit-resource",
      paramLabel = "NAME:COUNT[:DEVICE]",
      description =
          "How much there is of a resource, on each device or on one; repeat for several (default: of each as much as the instance that asks for most).")
  private List<String> resources = new ArrayList<>();

  /** Empty where they do not count; what resources there are is checked nevertheless. */
  Optional<RateLimits> limits() {
    RateLimits limits = new RateLimits(resources.stream().map(RateLimitOptions::resource).toList());
    return switch (mode.toLowerCase(Locale.ROOT)) {
      case "off" -> Optional.empty();
      case "execution_count" -> Optional.of(limits);
      default ->
          throw new IllegalArgumentException(
              "--rate-limit: '%s' (expected: off or execution_count)".formatted(mode));
    };
  }

  private static RateLimits.Resource resource(String text) {
    Matcher parts = RESOURCE.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--rate-limit-resource: '%s' (expected: NAME:COUNT or NAME:COUNT:DEVICE)"
              .formatted(text));
    }
    String device = parts.group("device");
    return new RateLimits.Resource(
        parts.group("name"),
        device == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(device)),
        Integer.parseInt(parts.group("count")));
  }
}
