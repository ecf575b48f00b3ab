package org.etalon.objectstore;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.etalon.engine.repository.RemoteRepository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model repository in an object store, with copies of its models on this machine. Thread-safe.
 */
public final class ObjectRepository implements RemoteRepository {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectRepository.class);

  private final S3Address address;
  private final S3Client store;
  private final CopyFolder folder;
  private final ConcurrentMap<String, ModelCopy> copies = new ConcurrentHashMap<>();

  private ObjectRepository(S3Address address, S3Client store, CopyFolder folder) {
    this.address = address;
    this.store = store;
    this.folder = folder;
  }

  /**
   * Makes the folder of the copies; the store is not asked yet.
   *
   * @param base where the folders of all repositories are; what processes that were killed left in
   *     it is deleted
   */
  public static ObjectRepository open(S3Address address, S3Settings settings, Path base)
      throws IOException {
    return open(
        address,
        settings,
        base,
        InstantSource.system(),
        wait -> LockSupport.parkNanos(wait.toNanos()));
  }

  /**
   * @param pause waits between attempts
   */
  static ObjectRepository open(
      S3Address address,
      S3Settings settings,
      Path base,
      InstantSource clock,
      Consumer<Duration> pause)
      throws IOException {
    return new ObjectRepository(
        address, new S3Client(address, settings, clock, pause), CopyFolder.in(base));
  }

  @Override
  public Path folder() {
    return folder.path();
  }

  @Override
  public SortedSet<String> models() throws IOException {
    SortedSet<String> models = new TreeSet<>();
    for (String common : store.list(address.prefix(), "/").prefixes()) {
      String prefix = address.prefix();
      boolean isBelow =
          common.startsWith(prefix) && common.endsWith("/") && common.length() > prefix.length();
      String name = isBelow ? common.substring(prefix.length(), common.length() - 1) : "";
      if (!ModelObjects.isFileName(name) || name.contains("/")) {
        LOG.warn("{}: '{}' cannot be a model's folder and is left out", address, common);
      } else if (!name.startsWith(".")) {
        models.add(name);
      }
    }
    return models;
  }

  @Override
  public void bring(String model, Choice choice) throws IOException {
    copy(model).bring(choice);
  }

  private ModelCopy copy(String model) {
    return copies.computeIfAbsent(
        model,
        _ ->
            new ModelCopy(
                address.prefix() + model + "/", folder.path().resolve(model), store, folder));
  }

  @Override
  public void forget(String model, BooleanSupplier isUnused) {
    ModelCopy copy = copies.get(model);
    if (copy != null) {
      copy.forget(isUnused);
    }
  }

  @Override
  public void close() {
    store.close();
    folder.close();
  }

  /** As it is named on the command line. */
  @Override
  public String toString() {
    return address.toString();
  }
}
