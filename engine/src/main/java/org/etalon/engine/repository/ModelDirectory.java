package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.etalon.engine.config.ConfigFault;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.config.ModelConfigRules;
import org.etalon.engine.config.ParsedConfig;
import org.etalon.inference.ServingException;

/**
 * A model's folder as it was at one moment. Immutable.
 *
 * @param name the model's name, which is the folder's
 * @param config the configuration file; empty if there is none
 * @param canary the version that is given a share of the requests; empty if none is
 * @param versions the folder of each version
 * @param fingerprint equal as long as no file of the folder has changed
 * @param versionFingerprints for each version, equal as long as nothing has changed that it is made
 *     from: its own folder, and what all versions share but for {@code reference/}, which is only
 *     compared with, and what says that one is a canary
 */
record ModelDirectory(
    String name,
    Path path,
    Optional<Path> config,
    Optional<Canary> canary,
    SortedMap<Long, Path> versions,
    String fingerprint,
    SortedMap<Long, String> versionFingerprints) {
  static final String CONFIG_FILE = "config.pbtxt";
  static final String REFERENCE = "reference";
  static final String WARM_UP = "warmup";

  /** Positive, and without leading zeros; of at most 18 digits, which a long holds. */
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  ModelDirectory {
    versions = Collections.unmodifiableSortedMap(new TreeMap<>(versions));
    versionFingerprints = Collections.unmodifiableSortedMap(new TreeMap<>(versionFingerprints));
  }

  /**
   * Looks at a folder.
   *
   * @param repository the folder that no link may lead out of
   * @throws IOException if it cannot be read, or changes while it is
   * @throws ServingException INVALID_ARGUMENT if a link leads out of the repository, or what says
   *     which version is a canary says something else
   */
  static ModelDirectory read(Path repository, Path path) throws IOException {
    FolderListing listing = FolderListing.of(repository, path);
    SortedMap<Long, Path> versions = new TreeMap<>();
    for (String name : listing.folders()) {
      version(name).ifPresent(version -> versions.put(version, path.resolve(name)));
    }
    SortedMap<Long, String> fingerprints = new TreeMap<>();
    for (long version : versions.keySet()) {
      fingerprints.put(version, listing.fingerprint(isPartOf(version, versions.keySet())));
    }
    Path config = path.resolve(CONFIG_FILE);
    return new ModelDirectory(
        path.getFileName().toString(),
        path,
        Files.isRegularFile(config) ? Optional.of(config) : Optional.empty(),
        Canary.read(path),
        versions,
        listing.fingerprint(_ -> true),
        fingerprints);
  }

  /** The version whose folder has this name; empty if it is no version's. */
  static OptionalLong version(String folder) {
    return VERSION.matcher(folder).matches()
        ? OptionalLong.of(Long.parseLong(folder))
        : OptionalLong.empty();
  }

  /**
   * What the configuration says.
   *
   * @throws ServingException INVALID_ARGUMENT with all its faults; INTERNAL if it cannot be read
   */
  ParsedConfig parsedConfig() {
    ParsedConfig parsed;
    try {
      parsed =
          config.isPresent()
              ? ModelConfigReader.read(config.get())
              : ModelConfigReader.absent(path.resolve(ModelDirectory.CONFIG_FILE) + " (absent)");
    } catch (IOException e) {
      throw ServingException.internal(RepositoryFolders.unpolled(name) + ": " + e, e);
    }
    List<ConfigFault> faults = ModelConfigRules.check(parsed, name);
    if (!faults.isEmpty()) {
      ServingException refusal = ConfigFault.refusal(faults);
      throw ServingException.invalid(
          "load failed for model '%s': %s".formatted(name, refusal.getMessage()));
    }
    return parsed;
  }

  private static Predicate<String> isPartOf(long version, Iterable<Long> versions) {
    List<String> others = new ArrayList<>();
    others.add(REFERENCE);
    others.add(Canary.FILE);
    for (long other : versions) {
      if (other != version) {
        others.add(Long.toString(other));
      }
    }
    return top -> !others.contains(top);
  }
}
