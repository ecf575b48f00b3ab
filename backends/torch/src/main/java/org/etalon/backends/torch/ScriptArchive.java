package org.etalon.backends.torch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.etalon.backends.torch.ForwardMethod.Argument;

/**
 * Reads out of a TorchScript file what libtorch's binding does not tell: the arguments of {@code
 * forward}.
 *
 * <p>The file is a zip archive: {@code data.pkl} pickles the module and first names its class,
 * whose code lies under {@code code/} in a file a Python module.
 */
final class ScriptArchive {
  private static final int MAX_CODE_BYTES = 64 << 20;
  private static final int MAX_NAME_BYTES = 4096;
  private static final Pattern CLASS_NAME = Pattern.compile("c(__torch__[\\w.]*)\\n(\\w+)\\n");
  private static final Pattern FORWARD =
      Pattern.compile("\\n  def forward\\(self[^,)]*(,[^)]*|)\\) -> (.+?):\\n");
  private static final Pattern ARGUMENT =
      Pattern.compile("(\\w+): ((?:[^,\\[=]|\\[[^=]*?\\](?=,|=|$|\\]))+)(=[^,]*)?");

  private final ModelLabel label;
  private final ZipFile zip;
  private final String root;

  private ScriptArchive(ModelLabel label, ZipFile zip, String root) {
    this.label = label;
    this.zip = zip;
    this.root = root;
  }

  /**
   * The method that is run.
   *
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if there is no such file or it
   *     is not TorchScript
   */
  static ForwardMethod forward(ModelLabel label) {
    if (!Files.isRegularFile(label.file())) {
      throw label.invalid("there is no such file");
    }
    try (ZipFile zip = new ZipFile(label.file().toFile())) {
      return new ScriptArchive(label, zip, root(zip, label)).forward();
    } catch (IOException e) {
      throw label.invalid(
          "not a TorchScript file, or cut short: %s (expected: an archive written by torch.jit.save)"
              .formatted(e.getMessage()));
    }
  }

  /** The folder that all lies in, with its slash. */
  private static String root(ZipFile zip, ModelLabel label) {
    List<String> roots =
        zip.stream()
            .map(ZipEntry::getName)
            .filter(name -> name.endsWith("/data.pkl"))
            .map(name -> name.substring(0, name.length() - "data.pkl".length()))
            .toList();
    if (roots.size() != 1) {
      throw label.invalid(
          "an archive, but not a TorchScript file: no data.pkl in it (expected: a file written by torch.jit.save)");
    }
    return roots.getFirst();
  }

  private ForwardMethod forward() throws IOException {
    if (zip.stream().noneMatch(entry -> entry.getName().startsWith(root + "code/"))) {
      throw label.invalid(
          "weights without code, as torch.save writes them (expected: a file written by torch.jit.save)");
    }
    Matcher type = CLASS_NAME.matcher(read("data.pkl", MAX_NAME_BYTES));
    if (!type.find()) {
      throw label.invalid("data.pkl names no class (expected: a file written by torch.jit.save)");
    }
    String code = read("code/" + type.group(1).replace('.', '/') + ".py", MAX_CODE_BYTES);
    return forward(code, type.group(2))
        .orElseThrow(
            () -> label.invalid("class %s has no method forward".formatted(type.group(2))));
  }

  /** The method in the code of a class, which begins in the first column. */
  static Optional<ForwardMethod> forward(String code, String className) {
    int start = code.indexOf("class " + className + "(");
    if (start < 0) {
      return Optional.empty();
    }
    int next = code.indexOf("\nclass ", start);
    Matcher method = FORWARD.matcher(code.substring(start, next < 0 ? code.length() : next));
    return method.find()
        ? Optional.of(new ForwardMethod(arguments(method.group(1)), method.group(2).strip()))
        : Optional.empty();
  }

  private static List<Argument> arguments(String text) {
    List<Argument> arguments = new ArrayList<>();
    Matcher argument = ARGUMENT.matcher(text.replaceAll("\\s+", " "));
    while (argument.find()) {
      arguments.add(
          new Argument(argument.group(1), argument.group(2).strip(), argument.group(3) != null));
    }
    return arguments;
  }

  private String read(String name, int maxBytes) throws IOException {
    ZipEntry entry = zip.getEntry(root + name);
    if (entry == null) {
      throw label.invalid("there is no %s in the archive".formatted(name));
    }
    try (InputStream content = zip.getInputStream(entry)) {
      return new String(content.readNBytes(maxBytes), StandardCharsets.ISO_8859_1);
    }
  }
}
