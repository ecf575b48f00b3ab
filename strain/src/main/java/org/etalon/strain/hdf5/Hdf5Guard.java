package org.etalon.strain.hdf5;

import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Calls jHDF. Its failures on damaged files are of many types, errors of the JVM among them: each
 * becomes an {@link IOException} that says what was being read.
 */
final class Hdf5Guard {
  private final Path path;

  Hdf5Guard(Path path) {
    this.path = path;
  }

  /** Runs {@code call}; {@code what} names what it reads, as in {@code dataset strain/Strain}. */
  <T> T call(String what, Supplier<T> call) throws IOException {
    try {
      return call.get();
    } catch (RuntimeException e) {
      throw damaged(what, e);
    } catch (StackOverflowError | OutOfMemoryError e) {
      // Structures that contain themselves, or a size read from damaged bytes: one allocation
      // beyond the heap has failed, nothing else has suffered.
      throw damaged(what, e);
    } catch (InternalError e) {
      // The JVM reports so that a mapped file has become shorter under its reader.
      throw damaged(what, e);
    } catch (AssertionError e) {
      throw damaged(what, e);
    }
  }

  IOException refusal(String what, String problem) {
    return new IOException("%s: %s: %s".formatted(path, what, problem));
  }

  private IOException damaged(String what, Throwable cause) {
    String reason = cause instanceof HdfException ? cause.getMessage() : cause.toString();
    return new IOException(
        "%s: %s cannot be read; the file is damaged or not as expected (%s)"
            .formatted(path, what, reason),
        cause);
  }
}
