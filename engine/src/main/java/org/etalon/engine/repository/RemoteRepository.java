package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BooleanSupplier;

/**
 * A repository that lies elsewhere, of which a folder of this machine holds copies of models.
 * Thread-safe; a model's copy changes only in {@link #bring} and {@link #forget}.
 */
public interface RemoteRepository extends AutoCloseable {
  /** Where the copies are, in the layout of a repository. */
  Path folder();

  /**
   * The models that there are.
   *
   * @throws IOException if the repository cannot be reached
   */
  SortedSet<String> models() throws IOException;

  /**
   * Makes the copy of a model what the repository holds, as far as it is chosen.
   *
   * @throws IOException if it cannot be reached or read, or changes meanwhile; the copy then waits
   *     for the next time
   */
  void bring(String model, Choice choice) throws IOException;

  /** Deletes the copy of a model, unless it has come to be used. */
  void forget(String model, BooleanSupplier isUnused);

  /** Deletes all copies. */
  @Override
  void close();

  /** Which of a model's folders are to be copied. */
  @FunctionalInterface
  interface Choice {
    /**
     * @param copy the model's folder, in which its own files are up to date
     * @param folders the names of those that lie in it in the repository
     * @return those to copy
     */
    Set<String> of(Path copy, Set<String> folders);
  }
}
