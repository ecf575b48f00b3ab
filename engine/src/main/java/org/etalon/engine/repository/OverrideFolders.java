package org.etalon.engine.repository;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.etalon.engine.request.LoadOverride;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Private temporary folders for models that are loaded from what a client sent. Thread-safe.
 *
 * <p>A model's folder is deleted when the model is loaded otherwise or unloaded: what runs from it
 * has it open.
 */
final class OverrideFolders implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OverrideFolders.class);

  private final ConcurrentMap<String, Path> current = new ConcurrentHashMap<>();
  private final AtomicLong count = new AtomicLong();

  /**
   * The folder that an override makes of a model's own.
   *
   * @param own empty if the repository has no such model, which files can then make
   * @throws ServingException INVALID_ARGUMENT if a file leads out of the model's folder
   */
  ModelDirectory open(String model, LoadOverride override, Optional<ModelDirectory> own) {
    try {
      Path root = Files.createTempDirectory("etalon-model-");
      Path replaced = current.put(model, root);
      try {
        return open(model, override, own, root);
      } finally {
        delete(replaced);
      }
    } catch (IOException e) {
      throw ServingException.internal("model '%s': the override: %s".formatted(model, e), e);
    }
  }

  private ModelDirectory open(
      String model, LoadOverride override, Optional<ModelDirectory> own, Path root)
      throws IOException {
    Path folder = Files.createDirectory(root.resolve(model));
    Path config = folder.resolve(ModelDirectory.CONFIG_FILE);
    Files.writeString(config, TextFormat.printer().printToString(override.config()));
    if (!override.files().isEmpty()) {
      for (Map.Entry<String, byte[]> file : override.files().entrySet()) {
        write(model, folder, file.getKey(), file.getValue());
      }
      return ModelDirectory.read(root, folder);
    }
    ModelDirectory directory =
        own.orElseThrow(
            () -> new ServingException(ErrorCode.INTERNAL, RepositoryFolders.unpolled(model)));
    return withConfig(directory, config);
  }

  /** The model's own versions, with fingerprints that no other load has. */
  private ModelDirectory withConfig(ModelDirectory own, Path config) {
    String mark = " override " + count.incrementAndGet();
    SortedMap<Long, String> fingerprints = new TreeMap<>(own.versionFingerprints());
    fingerprints.replaceAll((_, fingerprint) -> fingerprint + mark);
    return new ModelDirectory(
        own.name(),
        own.path(),
        Optional.of(config),
        own.canary(),
        own.versions(),
        own.fingerprint() + mark,
        fingerprints);
  }

  private static void write(String model, Path folder, String name, byte[] content)
      throws IOException {
    Path file = folder.resolve(name).normalize();
    if (name.isEmpty() || !file.startsWith(folder) || file.equals(folder)) {
      throw ServingException.invalid(
          "failed to load '%s': file '%s' leads out of the model's folder (expected: a path such as 1/model.onnx)"
              .formatted(model, name));
    }
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.write(file, content);
  }

  /** The model is no longer loaded from an override. */
  void forget(String model) {
    delete(current.remove(model));
  }

  private static void delete(@Nullable Path root) {
    if (root == null) {
      return;
    }
    try (Stream<Path> walk = Files.walk(root)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      LOG.warn("the temporary folder {} could not be deleted", root, e);
    }
  }

  @Override
  public void close() {
    current.keySet().forEach(this::forget);
  }
}
