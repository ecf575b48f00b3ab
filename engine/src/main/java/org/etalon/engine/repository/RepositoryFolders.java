package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelVersionPolicy;

/** The folders of all repositories. Thread-safe. */
final class RepositoryFolders {
  private final List<Path> repositories;
  private final List<RemoteRepository> remotes;
  private final Function<String, Set<Long>> inUse;

  RepositoryFolders(List<Path> repositories) {
    this(repositories, List.of(), _ -> Set.of());
  }

  /**
   * @param remotes whose folders are among the repositories
   * @param inUse the versions of a model that serve, whose files must stay
   */
  RepositoryFolders(
      List<Path> repositories, List<RemoteRepository> remotes, Function<String, Set<Long>> inUse) {
    this.repositories = repositories;
    this.remotes = remotes;
    this.inUse = inUse;
  }

  /**
   * Where a model lies.
   *
   * @param path the model's folder in {@code repository}
   * @param source brings that folder up to date
   */
  record Location(Path repository, Path path, Source source) {}

  /** Where a model's folder comes from. */
  @FunctionalInterface
  interface Source {
    /**
     * @throws IOException if it cannot be brought
     */
    void bring() throws IOException;
  }

  /**
   * The models by name, each with every folder of that name.
   *
   * @throws ServingException UNAVAILABLE if a repository cannot be read
   */
  SortedMap<String, List<Location>> list() {
    SortedMap<String, List<Location>> models = new TreeMap<>();
    for (Path repository : distinct()) {
      Optional<RemoteRepository> remote =
          remotes.stream().filter(other -> other.folder().equals(repository)).findFirst();
      if (remote.isPresent()) {
        listRemote(remote.get(), models);
        continue;
      }
      try (DirectoryStream<Path> entries =
          Files.newDirectoryStream(repository, path -> isModel(path))) {
        for (Path path : entries) {
          models
              .computeIfAbsent(path.getFileName().toString(), _ -> new ArrayList<>(1))
              .add(new Location(repository, path, () -> {}));
        }
      } catch (IOException | DirectoryIteratorException e) {
        throw unreadable(repository, e);
      }
    }
    return models;
  }

  private void listRemote(RemoteRepository remote, SortedMap<String, List<Location>> models) {
    SortedSet<String> names;
    try {
      names = remote.models();
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.UNAVAILABLE,
          "model repository %s cannot be read: %s".formatted(remote, e.getMessage()),
          e);
    }
    for (String name : names) {
      Location location =
          new Location(
              remote.folder(),
              remote.folder().resolve(name),
              () -> remote.bring(name, (copy, folders) -> chosen(name, copy, folders)));
      models.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(location);
    }
  }

  /**
   * All folders that are no versions, the versions that are to be served, and those that are: they
   * may serve on if the others fail.
   */
  private Set<String> chosen(String model, Path copy, Set<String> folders) {
    Set<Long> versions = new TreeSet<>();
    Set<String> chosen = new TreeSet<>();
    for (String folder : folders) {
      OptionalLong version = ModelDirectory.version(folder);
      if (version.isPresent()) {
        versions.add(version.getAsLong());
      } else {
        chosen.add(folder);
      }
    }
    VersionSelection.of(policy(copy), versions, canary(copy))
        .forEach(version -> chosen.add(Long.toString(version)));
    inUse.apply(model).forEach(version -> chosen.add(Long.toString(version)));
    chosen.retainAll(folders);
    return chosen;
  }

  /** The default one where the configuration cannot be read, which the model's load tells. */
  private static ModelVersionPolicy policy(Path copy) {
    Path config = copy.resolve(ModelDirectory.CONFIG_FILE);
    try {
      return Files.isRegularFile(config)
          ? ModelConfigReader.read(config).config().getVersionPolicy()
          : ModelVersionPolicy.getDefaultInstance();
    } catch (IOException _) {
      return ModelVersionPolicy.getDefaultInstance();
    }
  }

  /** None where that cannot be read, which the model's load tells. */
  private static Optional<Canary> canary(Path copy) {
    try {
      return Canary.read(copy);
    } catch (IOException | ServingException _) {
      return Optional.empty();
    }
  }

  /** A model that was unloaded needs no copy, unless it has been asked for again. */
  void forget(RepositoryModel model) {
    remotes.forEach(remote -> remote.forget(model.name(), () -> !model.isWanted()));
  }

  /** The remote repositories' copies are deleted. */
  void close() {
    remotes.forEach(RemoteRepository::close);
  }

  /** One folder given twice is one repository. */
  private Set<Path> distinct() {
    Set<Path> distinct = new LinkedHashSet<>();
    for (Path repository : repositories) {
      try {
        distinct.add(repository.toRealPath());
      } catch (IOException e) {
        throw unreadable(repository, e);
      }
    }
    return distinct;
  }

  private static boolean isModel(Path path) {
    return !FolderListing.isHidden(path) && Files.isDirectory(path);
  }

  private static ServingException unreadable(Path repository, Exception cause) {
    return new ServingException(
        ErrorCode.UNAVAILABLE,
        "model repository '%s' cannot be read (expected: a folder of models): %s"
            .formatted(repository, cause),
        cause);
  }

  /**
   * Looks at one model.
   *
   * @param locations all folders of that name
   * @throws ServingException INVALID_ARGUMENT if there are several, or a link leads out of the
   *     repository; INTERNAL if the folder cannot be read
   */
  static ModelDirectory open(String model, List<Location> locations) {
    if (locations.size() > 1) {
      throw ServingException.invalid(
          "model '%s' is in several repositories: %s (expected: one folder of that name)"
              .formatted(model, locations.stream().map(Location::path).toList()));
    }
    try {
      locations.getFirst().source().bring();
      return ModelDirectory.read(locations.getFirst().repository(), locations.getFirst().path());
    } catch (IOException e) {
      throw ServingException.internal(unpolled(model) + ": " + e, e);
    }
  }

  /** The protocol's words for a model that is not there or cannot be read. */
  static String unpolled(String model) {
    return "failed to load '%s', failed to poll from model repository".formatted(model);
  }
}
