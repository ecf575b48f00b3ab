package org.etalon.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;

/** Writes a model repository of {@link FakeBackend}'s models. */
public final class FakeRepository {
  private final Path folder;
  private final AtomicLong writes = new AtomicLong();

  public FakeRepository(Path folder) {
    this.folder = folder;
  }

  public Path folder() {
    return folder;
  }

  public Path path(String model) {
    return folder.resolve(model);
  }

  /** Writes {@code MODEL/VERSION/model.fake}. */
  public FakeRepository model(String model, long version, String... orders) {
    return file(model, version + "/model.fake", String.join("\n", orders));
  }

  /** Writes {@code MODEL/config.pbtxt}. */
  public FakeRepository config(String model, String text) {
    return file(model, "config.pbtxt", text);
  }

  /** Writes version 1 of an ensemble of two models of x and y, one behind the other. */
  public FakeRepository ensemble(String name, String first, String second) {
    return file(name, "1/.keep", "")
        .config(
            name,
            """
            platform: "ensemble"
            max_batch_size: 4
            input [ { name: "x" data_type: TYPE_FP32 dims: [ -1 ] } ]
            output [ { name: "y" data_type: TYPE_FP32 dims: [ -1 ] } ]
            ensemble_scheduling {
              step [
                { model_name: "%s" model_version: -1
                  input_map { key: "x" value: "x" } output_map { key: "y" value: "between" } },
                { model_name: "%s" model_version: -1
                  input_map { key: "x" value: "between" } output_map { key: "y" value: "y" } }
              ]
            }
            """
                .formatted(first, second));
  }

  /** Writes a file of a model, whose time differs from that of any before. */
  public FakeRepository file(String model, String name, String text) {
    try {
      Path file = folder.resolve(model).resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      Files.setLastModifiedTime(
          file, FileTime.from(Instant.ofEpochSecond(1_000_000 + writes.incrementAndGet())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Writes {@code MODEL/reference/NAME.npy} of one column. */
  public FakeRepository reference(String model, String name, float... rows) {
    try {
      Path file = folder.resolve(model).resolve("reference").resolve(name + ".npy");
      Files.createDirectories(file.getParent());
      Npy.write(file, NpyArray.ofFloats(rows, rows.length, 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Deletes a model, or a file or folder of it. */
  public FakeRepository delete(String path) {
    try (Stream<Path> files = Files.walk(folder.resolve(path))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }
}
