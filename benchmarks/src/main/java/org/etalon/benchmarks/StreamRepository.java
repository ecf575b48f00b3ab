package org.etalon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A model repository of snapshotters, networks in one or two instances, and ensembles of both. */
final class StreamRepository {
  private final Path folder;

  private StreamRepository(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes it.
   *
   * @param examples the folder with {@code models/bbh} and {@code streams/deepclean}
   */
  static Path write(Path folder, Path examples) throws IOException {
    StreamRepository repository = new StreamRepository(folder);
    for (int stride : new int[] {1, 2, 32}) {
      repository.snapshotter("window_" + stride, 2, 2048, stride);
    }
    repository.snapshotter("witness_16", 12, 8192, 16);
    repository.snapshotter("witness_32", 12, 8192, 32);
    Path bbh = examples.resolve("models/bbh/2/model.onnx");
    Path deepclean = examples.resolve("streams/deepclean/1/model.onnx");
    for (int count : new int[] {1, 2}) {
      repository.network("bbh_x" + count, bbh, count);
      repository.network("deepclean_x" + count, deepclean, count);
      for (int stride : new int[] {1, 2, 32}) {
        repository.ensemble("search_%d_x%d".formatted(stride, count), "window_" + stride, count);
      }
      for (int stride : new int[] {16, 32}) {
        repository.ensemble("denoise_%d_x%d".formatted(stride, count), "witness_" + stride, count);
      }
    }
    return folder;
  }

  private void snapshotter(String name, int channels, int kernel, int stride) throws IOException {
    config(
        name,
        """
        backend: "streaming"
        parameters { key: "operator" value: { string_value: "snapshotter" } }
        parameters { key: "channels" value: { string_value: "%d" } }
        parameters { key: "kernel" value: { string_value: "%d" } }
        parameters { key: "stride" value: { string_value: "%d" } }
        """
            .formatted(channels, kernel, stride));
  }

  private void network(String name, Path file, int instances) throws IOException {
    config(
        name,
        """
        platform: "onnxruntime_onnx"
        max_batch_size: 64
        instance_group [ { count: %d kind: KIND_CPU } ]
        dynamic_batching {}
        """
            .formatted(instances));
    Files.copy(file, folder.resolve(name).resolve("1").resolve("model.onnx"));
  }

  private void ensemble(String name, String window, int instances) throws IOException {
    boolean isSearch = window.startsWith("window");
    config(
        name,
        String.format(
            Locale.ROOT,
            """
            platform: "ensemble"
            input [ { name: "update" data_type: TYPE_FP32 dims: [ %1$d, -1 ] } ]
            output [ { name: "%2$s" data_type: TYPE_FP32 dims: [ -1, %3$d ] } ]
            ensemble_scheduling { step [
              { model_name: "%4$s" model_version: -1
                input_map { key: "update" value: "update" }
                output_map { key: "kernels" value: "kernels" } },
              { model_name: "%5$s_x%6$d" model_version: -1
                input_map { key: "%7$s" value: "kernels" }
                output_map { key: "%2$s" value: "%2$s" } } ] }
            """,
            isSearch ? 2 : 12,
            isSearch ? "score" : "noise",
            isSearch ? 1 : 8192,
            window,
            isSearch ? "bbh" : "deepclean",
            instances,
            isSearch ? "strain" : "witness"));
  }

  private void config(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve(name).resolve("1"));
    Files.writeString(folder.resolve(name).resolve("config.pbtxt"), text);
  }
}
