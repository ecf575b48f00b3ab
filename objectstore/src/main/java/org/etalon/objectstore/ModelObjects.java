package org.etalon.objectstore;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a listing says of one model: for each file and folder that lies directly in the model's own,
 * its objects by their names in it.
 *
 * @param files the objects that lie in no folder
 * @param folders those of each folder; names that end with a slash are folders without objects
 */
record ModelObjects(
    SortedMap<String, StoredObject> files,
    SortedMap<String, SortedMap<String, StoredObject>> folders) {
  /** An object of this name says that its folder is still being written. */
  static final String UPLOADING = ".uploading";

  ModelObjects {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    folders = Collections.unmodifiableSortedMap(new TreeMap<>(folders));
  }

  static ModelObjects none() {
    return new ModelObjects(new TreeMap<>(), new TreeMap<>());
  }

  /**
   * @param prefix of the model, with a slash at its end
   * @throws IOException if a name would lie elsewhere, or is no file name
   */
  static ModelObjects of(String prefix, List<StoredObject> objects) throws IOException {
    SortedMap<String, StoredObject> files = new TreeMap<>();
    SortedMap<String, SortedMap<String, StoredObject>> folders = new TreeMap<>();
    for (StoredObject object : objects) {
      String name = nameIn(prefix, object.key());
      int slash = name.indexOf('/');
      if (slash >= 0) {
        folders
            .computeIfAbsent(name.substring(0, slash), _ -> new TreeMap<>())
            .put(name.substring(slash + 1), object);
      } else if (!name.isEmpty()) {
        files.put(name, object);
      }
    }
    return new ModelObjects(files, folders);
  }

  private static String nameIn(String prefix, String key) throws IOException {
    if (!key.startsWith(prefix)) {
      throw refused(key, "a name that begins with " + prefix);
    }
    String name = key.substring(prefix.length());
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    if (!path.isEmpty()) {
      for (String part : path.split("/", -1)) {
        if (!isFileName(part)) {
          throw refused(key, "names of files and folders, between single slashes");
        }
      }
    }
    return name;
  }

  /** True if a folder can hold a file of this name, and nothing else is meant by it. */
  static boolean isFileName(String part) {
    return !part.isEmpty()
        && !part.equals(".")
        && !part.equals("..")
        && part.indexOf('\\') < 0
        && part.chars().noneMatch(Character::isISOControl);
  }

  private static IOException refused(String key, String expected) {
    return new IOException(
        "object '%s' cannot be a file of a model (expected: %s)"
            .formatted(key.replaceAll("\\p{Cntrl}", "?"), expected));
  }

  /** The folders that are whole, as far as a listing can tell. */
  SortedMap<String, SortedMap<String, StoredObject>> finishedFolders() {
    SortedMap<String, SortedMap<String, StoredObject>> finished = new TreeMap<>();
    for (Map.Entry<String, SortedMap<String, StoredObject>> entry : folders.entrySet()) {
      if (!entry.getValue().containsKey(UPLOADING)) {
        finished.put(entry.getKey(), entry.getValue());
      }
    }
    return finished;
  }
}
