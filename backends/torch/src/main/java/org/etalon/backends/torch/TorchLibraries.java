package org.etalon.backends.torch;

import java.util.List;
import java.util.Optional;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibrarySet.Archive;
import org.etalon.backends.libraries.MavenFile;
import org.etalon.backends.libraries.MavenFile.Content;
import org.etalon.backends.libraries.Platform;

/** libtorch and DJL's library over it, from Maven Central; pinned. */
final class TorchLibraries {
  private static final String GROUP = "ai/djl/pytorch";
  private static final String VERSION = "2.7.1";

  private TorchLibraries() {}

  /** In the order in which they are to be loaded; the last one is DJL's. */
  static Optional<LibrarySet> set() {
    String platform = Platform.name();
    return switch (platform) {
      case "linux-x86_64" ->
          Optional.of(
              set(
                  platform,
                  new Content(
                      111597418,
                      "1769928feaaa2389b4aa68390e7787ce1707290258b167d016a200fced4b8c39"),
                  "libgomp-98b21ff3.so.1",
                  "libc10.so",
                  "libtorch_cpu.so",
                  "libtorch.so"));
      case "linux-aarch64" ->
          Optional.of(
              set(
                  platform,
                  new Content(
                      71387151, "ea7bf1da33fc4ecf310186b27f2b4afc4387e81cb76a994e5703e0e3c2c97cf6"),
                  "libgomp-58a43326.so.1.0.0",
                  "libgfortran-0b50f350.so.5.0.0",
                  "libopenblasp-r0-1a7698bc.3.29.so",
                  "libarm_compute-8191e2aa.so",
                  "libarm_compute_graph-17c2200a.so",
                  "libc10.so",
                  "libtorch_cpu.so",
                  "libtorch.so"));
      case "osx-aarch64" ->
          Optional.of(
              set(
                  platform,
                  new Content(
                      41611143, "e1ca6c377750d31a2a791d9d2dac9efb09e39181faf84338ef0e140214979ff2"),
                  "libomp.dylib",
                  "libc10.dylib",
                  "libtorch_cpu.dylib",
                  "libtorch.dylib"));
      default -> Optional.empty();
    };
  }

  private static LibrarySet set(String platform, Content content, String... libraries) {
    MavenFile libtorch = MavenFile.of(GROUP, "pytorch-native-cpu", VERSION, platform, content);
    MavenFile djl =
        MavenFile.of(
            GROUP,
            "pytorch-jni",
            VERSION + "-0.36.0",
            new Content(
                3361870, "c1808aaf5109505923bd2a813d7ad1020a0c028f023f08ff5572c1cf42322dc3"));
    return new LibrarySet(
        TorchBackend.NAME,
        VERSION,
        List.of(
            new Archive(libtorch, "pytorch/cpu/" + platform + "/", List.of(libraries)),
            new Archive(
                djl, "jnilib/" + platform + "/cpu/", List.of(System.mapLibraryName("djl_torch")))));
  }
}
