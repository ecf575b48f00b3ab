package org.etalon.backends.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** TorchScript files of modules without weights, written from their code. */
final class ScriptFile {
  private static final byte[] EMPTY_TUPLE = bytes("\u0080\u0002).");

  private ScriptFile() {}

  /**
   * @param forward a method of a class without attributes, its lines indented by two
   */
  static byte[] of(String forward) {
    String code =
        """
        class Net(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool
        """
            + forward;
    return archive(code, true);
  }

  /** Only what is pickled, as {@code torch.save} writes. */
  static byte[] withoutCode() {
    return archive("", false);
  }

  private static byte[] archive(String code, boolean hasCode) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      put(
          zip,
          "model/data.pkl",
          bytes(
              "\u0080\u0002c__torch__\nNet\nq\u0000)\u0081}(X\b\u0000\u0000\u0000trainingq\u0001\u0089ubq\u0002."));
      if (hasCode) {
        put(zip, "model/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
        put(zip, "model/constants.pkl", EMPTY_TUPLE);
      }
      put(zip, "model/version", bytes("3\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 check = new CRC32();
    check.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(check.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  private static byte[] bytes(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }
}
