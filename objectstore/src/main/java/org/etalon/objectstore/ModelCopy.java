package org.etalon.objectstore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import org.etalon.engine.repository.RemoteRepository.Choice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copy of one model. Guarded by itself, also while objects come: whoever needs the copy waits
 * for it.
 *
 * <p>A file or folder is copied beside and then put in place by one rename, so that there is never
 * half of one.
 */
final class ModelCopy {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCopy.class);

  /** How often a model may change in the store while it is copied. */
  private static final int ROUNDS = 4;

  private final String prefix;
  private final Path path;
  private final S3Client store;
  private final CopyFolder folder;

  /** What lies in the copy, by the names of files and folders. */
  private final Map<String, Object> held = new HashMap<>();

  /**
   * @param prefix the model's in the bucket, with a slash at its end
   * @param path the model's folder in {@code folder}
   */
  ModelCopy(String prefix, Path path, S3Client store, CopyFolder folder) {
    this.prefix = prefix;
    this.path = path;
    this.store = store;
    this.folder = folder;
  }

  /**
   * Brings the copy up to date. It is so when a listing asks for nothing that is not there: what
   * had to be copied counts only if the next listing is of the same.
   */
  synchronized void bring(Choice choice) throws IOException {
    Files.createDirectories(path);
    for (int i = 0; i < ROUNDS; i++) {
      ModelObjects listed = ModelObjects.of(prefix, store.list(prefix, "").objects());
      if (isUpToDate(listed, choice)) {
        return;
      }
    }
    throw new IOException(
        "the objects below '%s' keep changing (expected: the same in two listings; is an upload under way?)"
            .formatted(prefix));
  }

  /** Copies what is missing; true if nothing was. */
  private boolean isUpToDate(ModelObjects listed, Choice choice) throws IOException {
    try {
      return !update(listed, choice);
    } catch (S3Fault e) {
      if (e.isChangedObject()) {
        return false;
      }
      throw e;
    }
  }

  /** True if something was copied. */
  private boolean update(ModelObjects listed, Choice choice) throws IOException {
    boolean isChanged = false;
    for (Map.Entry<String, StoredObject> file : listed.files().entrySet()) {
      StoredObject object = file.getValue();
      isChanged |=
          replace(file.getKey(), object, List.of(object), target -> store.get(object, target));
    }
    SortedMap<String, SortedMap<String, StoredObject>> finished = listed.finishedFolders();
    finished.keySet().retainAll(choice.of(path, Set.copyOf(finished.keySet())));
    removeAllBut(listed.files().keySet(), finished.keySet());
    for (Map.Entry<String, SortedMap<String, StoredObject>> entry : finished.entrySet()) {
      SortedMap<String, StoredObject> objects = entry.getValue();
      isChanged |=
          replace(entry.getKey(), objects, objects.values(), target -> copy(objects, target));
    }
    return isChanged;
  }

  private void removeAllBut(Set<String> files, Set<String> folders) throws IOException {
    for (String name : List.copyOf(held.keySet())) {
      if (!files.contains(name) && !folders.contains(name)) {
        held.remove(name);
        folder.remove(path.resolve(name));
      }
    }
  }

  private interface Maker {
    void make(Path target) throws IOException;
  }

  /** Puts a file or folder in place of what is there; false if that is the same. */
  private boolean replace(
      String name, Object content, Collection<StoredObject> objects, Maker maker)
      throws IOException {
    if (content.equals(held.get(name))) {
      return false;
    }
    requireSpace(name, objects);
    Path staged = folder.staging();
    try {
      maker.make(staged);
      held.remove(name);
      folder.remove(path.resolve(name));
      Files.move(staged, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      held.put(name, content);
      LOG.info("copied {}{}, {} objects", prefix, name, objects.size());
      return true;
    } finally {
      CopyFolder.delete(staged);
    }
  }

  private void requireSpace(String name, Collection<StoredObject> objects) throws IOException {
    long needed = objects.stream().mapToLong(StoredObject::bytes).sum();
    long free = folder.freeBytes();
    if (needed > free) {
      throw new IOException(
          "%s%s needs %d bytes, and %s has room for %d (remedy: free some, or another folder by XDG_CACHE_HOME)"
              .formatted(prefix, name, needed, folder.path(), free));
    }
  }

  private void copy(SortedMap<String, StoredObject> objects, Path target) throws IOException {
    Files.createDirectory(target);
    for (Map.Entry<String, StoredObject> entry : objects.entrySet()) {
      Path file = target.resolve(entry.getKey());
      if (entry.getKey().isEmpty() || entry.getKey().endsWith("/")) {
        Files.createDirectories(file); // stands for a folder, whatever it holds
        continue;
      }
      Path parent = file.getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      store.get(entry.getValue(), file);
    }
  }

  /** Deletes the copy if nobody has come to need it. */
  synchronized void forget(BooleanSupplier isUnused) {
    if (isUnused.getAsBoolean()) {
      held.clear();
      CopyFolder.delete(path);
    }
  }
}
