package org.etalon.backends.tensorflow;

import java.util.List;
import java.util.Optional;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibrarySet.Archive;
import org.etalon.backends.libraries.MavenFile;
import org.etalon.backends.libraries.MavenFile.Content;
import org.etalon.backends.libraries.Platform;

/** TensorFlow 2.18, from TensorFlow Java 1.1.0 on Maven Central; pinned. */
final class TensorFlowLibraries {
  private TensorFlowLibraries() {}

  /** In the order in which they are to be loaded; the last one has the C interface. */
  static Optional<LibrarySet> set() {
    return switch (Platform.name()) {
      case "linux-x86_64" ->
          Optional.of(
              set(
                  "linux-x86_64",
                  new Content(
                      160591394,
                      "81b0e11290ba3b2e134901395ef59f1ae616f8ab7931f0d5c3eeb89c1b97c4e6"),
                  "libtensorflow_framework.so.2",
                  "libtensorflow_cc.so.2"));
      case "linux-aarch64" ->
          Optional.of(
              set(
                  "linux-arm64",
                  new Content(
                      157318633,
                      "3746b48054fd973531fe3ae097b8ec28a694aa2f0bf06e1ce8b5d1e0990390a2"),
                  "libomp-6196b3b5.so.5",
                  "libtensorflow_framework.so.2",
                  "libtensorflow_cc.so.2"));
      case "osx-aarch64" ->
          Optional.of(
              set(
                  "macosx-arm64",
                  new Content(
                      133459427,
                      "3d1c28926f59a6743ec1168d9fa21575555a09039b5dc8d6cc0a6e2af03e7538"),
                  "libtensorflow_framework.2.dylib",
                  "libtensorflow_cc.2.dylib"));
      default -> Optional.empty();
    };
  }

  private static LibrarySet set(String platform, Content content, String... libraries) {
    MavenFile jar =
        MavenFile.of("org/tensorflow", "tensorflow-core-native", "1.1.0", platform, content);
    return new LibrarySet(
        TensorFlowBackend.NAME,
        "2.18.0",
        List.of(
            new Archive(
                jar, "org/tensorflow/internal/c_api/" + platform + "/", List.of(libraries))));
  }
}
