package org.etalon.backends.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's native libraries, unpacked from its jar once instead of at each start.
 *
 * <p>System property {@code etalon.natives} names the folder; without it, or where it cannot be
 * written, ONNX Runtime unpacks them itself.
 */
final class UnpackedLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(UnpackedLibrary.class);
  private static final String ITS_OWN_PROPERTY = "onnxruntime.native.path";
  private static final Map<String, String> PROCESSORS =
      Map.of("amd64", "x64", "x86_64", "x64", "aarch64", "aarch64");

  private UnpackedLibrary() {}

  /** Has ONNX Runtime load the unpacked libraries; to be called before it is first touched. */
  static void use() {
    String folder = System.getProperty("etalon.natives");
    if (folder == null || System.getProperty(ITS_OWN_PROPERTY) != null) {
      return;
    }
    String version = ai.onnxruntime.OrtEnvironment.class.getPackage().getImplementationVersion();
    Path target = Path.of(folder, "onnxruntime-" + (version == null ? "any" : version));
    try {
      for (String library : new String[] {"onnxruntime", "onnxruntime4j_jni"}) {
        if (!unpack(System.mapLibraryName(library), target)) {
          return;
        }
      }
      System.setProperty(ITS_OWN_PROPERTY, target.toString());
    } catch (IOException e) {
      LOG.debug("ONNX Runtime's libraries are not kept in {}: {}", target, e.toString());
    }
  }

  /** False if the jar has no such library for this machine. */
  private static boolean unpack(String file, Path target) throws IOException {
    Path unpacked = target.resolve(file);
    if (Files.exists(unpacked)) {
      return true;
    }
    String resource = "/ai/onnxruntime/native/%s/%s".formatted(platform(), file);
    try (InputStream packed = UnpackedLibrary.class.getResourceAsStream(resource)) {
      if (packed == null) {
        return false;
      }
      Files.createDirectories(target);
      Path partial = Files.createTempFile(target, file, ".part");
      try {
        Files.copy(packed, partial, StandardCopyOption.REPLACE_EXISTING);
        Files.move(partial, unpacked, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileAlreadyExistsException e) {
        return true; // another process was faster
      } finally {
        Files.deleteIfExists(partial);
      }
    }
    return true;
  }

  /** As ONNX Runtime's jar names its folders. */
  private static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String name = system.contains("mac") ? "osx" : system.contains("win") ? "win" : "linux";
    return name + "-" + PROCESSORS.getOrDefault(System.getProperty("os.arch"), "unknown");
  }
}
