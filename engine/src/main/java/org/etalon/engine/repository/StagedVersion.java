package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelVersionPolicy;

/**
 * A version copied beside the repository that it is meant for, as it would be served there: with
 * the configuration and the other files of the model that is there. Owned by one thread.
 *
 * <p>What is tried is what is then put in place, byte for byte, by one rename: nobody ever sees
 * half of a version.
 */
public final class StagedVersion implements AutoCloseable {
  private static final String STAGING = ".promoting-";
  private static final String WITHDRAWN = ".withdrawn-";

  private final String model;
  private final long version;
  private final Path target;
  private final Path staging;

  private StagedVersion(String model, long version, Path target, Path staging) {
    this.model = model;
    this.version = version;
    this.target = target;
    this.staging = staging;
  }

  /**
   * Copies a version.
   *
   * @param from the repository that has it
   * @param target the repository that it is meant for
   * @param wanted empty: the newest one
   * @throws ServingException INVALID_ARGUMENT if there is none, if the target has it already or
   *     would not serve it, or if another promotion of it is under way
   */
  public static StagedVersion copy(Path from, Path target, String model, OptionalLong wanted)
      throws IOException {
    Path source = from.resolve(model);
    if (model.isEmpty() || !Files.isDirectory(source)) {
      throw ServingException.invalid(
          "there is no model '%s' in %s (expected: a folder)".formatted(model, from));
    }
    ModelDirectory directory = ModelDirectory.read(from, source);
    if (directory.versions().isEmpty()) {
      throw ServingException.invalid("model '%s' in %s has no version".formatted(model, from));
    }
    long version = wanted.orElse(directory.versions().lastKey());
    if (!directory.versions().containsKey(version)) {
      throw ServingException.invalid(
          "model '%s' has no version %d in %s (there: %s)"
              .formatted(model, version, from, directory.versions().keySet()));
    }
    Path there = target.resolve(model);
    requirePlace(target, there, version, policy(Files.isDirectory(there) ? there : source));
    Path staging = target.resolve(STAGING + model + "-" + version);
    try {
      Files.createDirectory(staging);
    } catch (FileAlreadyExistsException _) {
      throw ServingException.invalid(
          "version %d of '%s' is being promoted already (else, if that was killed, delete %s)"
              .formatted(version, model, staging));
    }
    StagedVersion staged = new StagedVersion(model, version, target, staging);
    try {
      staged.fill(source, there);
    } catch (IOException | RuntimeException e) {
      staged.close();
      throw e;
    }
    return staged;
  }

  private static ModelVersionPolicy policy(Path folder) throws IOException {
    Path config = folder.resolve(ModelDirectory.CONFIG_FILE);
    return Files.isRegularFile(config)
        ? ModelConfigReader.read(config).config().getVersionPolicy()
        : ModelVersionPolicy.getDefaultInstance();
  }

  private static void requirePlace(Path target, Path there, long version, ModelVersionPolicy policy)
      throws IOException {
    if (!Files.isDirectory(target)) {
      throw ServingException.invalid("%s (expected: a folder of models)".formatted(target));
    }
    TreeSet<Long> present = new TreeSet<>();
    if (Files.isDirectory(there)) {
      present.addAll(ModelDirectory.read(target, there).versions().keySet());
    }
    if (!present.add(version)) {
      throw ServingException.invalid(
          "%s has version %d already (expected: a new one, a version is never changed)"
              .formatted(there, version));
    }
    if (!VersionSelection.of(policy, present).contains(version)) {
      throw ServingException.invalid(
          "version %d would not be served beside %s in %s (its version_policy: %s)"
              .formatted(
                  version, present, there, policy.toString().strip().replaceAll("\\s+", " ")));
    }
  }

  private Path stagedModel() {
    return staging.resolve(model);
  }

  private void fill(Path source, Path there) throws IOException {
    Path copy = Files.createDirectory(stagedModel());
    Predicate<Path> isShared =
        path -> ModelDirectory.version(path.getFileName().toString()).isEmpty();
    copyEntries(Files.isDirectory(there) ? there : source, copy, isShared);
    // New versions bring the outputs that they are compared with.
    Path references = source.resolve(ModelDirectory.REFERENCE);
    if (Files.isDirectory(references)) {
      Path reference = Files.createDirectories(copy.resolve(ModelDirectory.REFERENCE));
      copyEntries(
          references,
          reference,
          file -> !Files.exists(reference.resolve(file.getFileName().toString())));
    }
    String name = Long.toString(version);
    copyTree(source.resolve(name), copy.resolve(name));
  }

  private static void copyEntries(Path from, Path to, Predicate<Path> isWanted) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(from)) {
      for (Path entry : entries) {
        if (!FolderListing.isHidden(entry) && isWanted.test(entry)) {
          copyTree(entry, to.resolve(entry.getFileName().toString()));
        }
      }
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    if (Files.isDirectory(from)) {
      Files.createDirectories(to);
      copyEntries(from, to, _ -> true);
    } else {
      Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  public String model() {
    return model;
  }

  public long version() {
    return version;
  }

  /** A repository of this version alone. */
  public Path repository() {
    return staging;
  }

  /** The repository that it is meant for. */
  public Path target() {
    return target;
  }

  /** True if the target serves the model, in another version. */
  public boolean isReplacement() {
    return Files.isDirectory(target.resolve(model));
  }

  /**
   * True if there are outputs that the version is compared with.
   *
   * @param config as completed when it was loaded
   */
  public boolean hasReference(ModelConfig config) throws IOException {
    Path folder = stagedModel();
    ModelFiles files =
        new ModelFiles(model, version, folder, folder.resolve(Long.toString(version)));
    return !ReferenceFiles.of(config, files).outputs().isEmpty();
  }

  /** Puts the version in place. */
  public void publish() throws IOException {
    Path place = target.resolve(model);
    if (!Files.isDirectory(place)) {
      Files.move(stagedModel(), place, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    publishReferences(place.resolve(ModelDirectory.REFERENCE));
    String name = Long.toString(version);
    Files.move(stagedModel().resolve(name), place.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private void publishReferences(Path place) throws IOException {
    Path staged = stagedModel().resolve(ModelDirectory.REFERENCE);
    if (!Files.isDirectory(staged)) {
      return;
    }
    Files.createDirectories(place);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(staged)) {
      for (Path file : files) {
        Path target = place.resolve(file.getFileName().toString());
        if (!Files.exists(target)) {
          Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }

  /**
   * Takes a version out of a repository, and keeps it in a hidden folder beside.
   *
   * @return that folder
   * @throws ServingException INVALID_ARGUMENT if it is not there, or the only one
   */
  public static Path withdraw(Path repository, String model, long version) throws IOException {
    Path folder = repository.resolve(model);
    Path place = folder.resolve(Long.toString(version));
    if (!Files.isDirectory(place)) {
      throw ServingException.invalid("%s is not there (expected: a version)".formatted(place));
    }
    Path kept = folder.resolve(WITHDRAWN + version);
    delete(kept);
    return Files.move(place, kept, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The versions that a repository has of a model, ascending. */
  public static List<Long> versions(Path repository, String model) throws IOException {
    Path folder = repository.resolve(model);
    if (!Files.isDirectory(folder)) {
      throw ServingException.invalid(
          "there is no model '%s' in %s (expected: a folder)".formatted(model, repository));
    }
    return List.copyOf(ModelDirectory.read(repository, folder).versions().keySet());
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(path)) {
      for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** What is not in place is deleted. */
  @Override
  public void close() throws IOException {
    delete(staging);
  }
}
