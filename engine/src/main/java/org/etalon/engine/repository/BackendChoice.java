package org.etalon.engine.repository;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.etalon.engine.backend.Backend;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/** Which backend runs a model: the one configured, else the one whose file is there. */
final class BackendChoice {
  private final List<Backend> installed;

  BackendChoice(List<Backend> installed) {
    this.installed = installed;
  }

  /**
   * @param versionDirectory looked at only if the configuration names neither backend nor platform
   * @throws ServingException INVALID_ARGUMENT if there is none, or more than one; the message lists
   *     what is installed
   */
  Backend of(String model, ModelConfig config, Path versionDirectory) {
    Optional<Backend> byName =
        only(backend -> backend.name().equals(config.getBackend()), config.getBackend());
    Optional<Backend> byPlatform =
        only(backend -> backend.platforms().contains(config.getPlatform()), config.getPlatform());
    if (!config.getBackend().isEmpty() && byName.isEmpty()) {
      throw refused(model, "backend '%s' is not installed".formatted(config.getBackend()));
    }
    if (!config.getPlatform().isEmpty() && byPlatform.isEmpty()) {
      throw refused(model, "no backend runs platform '%s'".formatted(config.getPlatform()));
    }
    if (byName.isPresent()
        && byPlatform.isPresent()
        && !byName.get().name().equals(byPlatform.get().name())) {
      throw refused(
          model,
          "backend '%s' does not run platform '%s'"
              .formatted(config.getBackend(), config.getPlatform()));
    }
    return byName.or(() -> byPlatform).orElseGet(() -> byFile(model, versionDirectory));
  }

  private Optional<Backend> only(Predicate<Backend> matches, String wanted) {
    return wanted.isEmpty() ? Optional.empty() : installed.stream().filter(matches).findFirst();
  }

  private Backend byFile(String model, Path directory) {
    List<Backend> found =
        installed.stream()
            .filter(backend ->
                backend.defaultFilenames().stream()
                    .anyMatch(name -> Files.exists(directory.resolve(name))))
            .toList();
    if (found.isEmpty()) {
      throw refused(model, "no file in %s that a backend knows".formatted(directory));
    }
    if (found.size() > 1) {
      throw refused(
          model,
          "%s holds files of several backends, %s (remedy: backend: in config.pbtxt)"
              .formatted(directory, found.stream().map(Backend::name).toList()));
    }
    return found.getFirst();
  }

  private ServingException refused(String model, String fault) {
    List<String> known =
        installed.stream()
            .map(backend ->
                "%s (platforms %s, files %s)"
                    .formatted(
                        backend.name(),
                        backend.platforms().stream().sorted().toList(),
                        backend.defaultFilenames()))
            .toList();
    return ServingException.invalid(
        "model '%s': %s (installed: %s)"
            .formatted(model, fault, known.isEmpty() ? "none" : String.join("; ", known)));
  }
}
