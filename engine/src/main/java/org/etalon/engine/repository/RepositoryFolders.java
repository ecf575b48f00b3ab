package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** The folders of all repositories. Thread-safe. */
final class RepositoryFolders {
  private final List<Path> repositories;

  RepositoryFolders(List<Path> repositories) {
    this.repositories = repositories;
  }

  /**
   * Where a model lies.
   *
   * @param path the model's folder in {@code repository}
   */
  record Location(Path repository, Path path) {}

  /**
   * The models by name, each with every folder of that name.
   *
   * @throws ServingException UNAVAILABLE if a repository cannot be read
   */
  SortedMap<String, List<Location>> list() {
    SortedMap<String, List<Location>> models = new TreeMap<>();
    for (Path repository : distinct()) {
      try (DirectoryStream<Path> entries =
          Files.newDirectoryStream(repository, path -> isModel(path))) {
        for (Path path : entries) {
          models
              .computeIfAbsent(path.getFileName().toString(), _ -> new ArrayList<>(1))
              .add(new Location(repository, path));
        }
      } catch (IOException | DirectoryIteratorException e) {
        throw unreadable(repository, e);
      }
    }
    return models;
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
