package org.etalon.strain.segments;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.etalon.strain.BitMask;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;
import org.etalon.strain.source.FileEntry;

/**
 * Reads segments from a file, recognised by its content: LIGO_LW XML (plain or gzip), a text list
 * (two columns, start and end; or four, number, start, end and duration), or a strain file with
 * masks.
 */
public final class SegmentFile {
  private static final long MOST_BYTES = 256L << 20;

  private SegmentFile() {}

  /**
   * All lists of a file; one, named after the file, of a text list.
   *
   * @throws IOException if it is none of these, or damaged; says where
   */
  public static List<NamedSegments> read(Path path) throws IOException {
    if (Files.isRegularFile(path) && FileEntry.isStrainName(path)) {
      return masks(path);
    }
    byte[] content = content(path);
    int first = 0;
    while (first < content.length && Character.isWhitespace(content[first])) {
      first++;
    }
    boolean isXml = first < content.length && content[first] == '<';
    return isXml
        ? LigoLightWeight.segments(path, new ByteArrayInputStream(content))
        : List.of(SegmentText.read(path, text(path, content)));
  }

  /**
   * The list of a name, or the only one there is.
   *
   * @param name empty if the file has one list alone
   * @throws IOException if there is none of that name, or several and none is named; lists them
   */
  public static SegmentList read(Path path, Optional<String> name) throws IOException {
    List<NamedSegments> all = read(path);
    List<NamedSegments> found =
        name.isEmpty()
            ? all
            : all.stream().filter(each -> isNamed(each.name(), name.get())).toList();
    if (found.size() != 1) {
      throw new IOException(
          "%s: %s (expected: the name of one of %s)"
              .formatted(
                  path,
                  name.map(text -> found.size() + " lists named '" + text + "'")
                      .orElse(all.size() + " lists, and none is named"),
                  all.stream().map(NamedSegments::name).toList()));
    }
    return found.getFirst().active();
  }

  /** Whole, or without the version or what stands before the last colon, where that says enough. */
  private static boolean isNamed(String whole, String asked) {
    return whole.equals(asked)
        || whole.startsWith(asked + ":")
        || whole.endsWith(":" + asked)
        || whole.contains(":" + asked + ":");
  }

  private static byte[] content(Path path) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(path))) {
      raw.mark(2);
      boolean isGzip = raw.read() == 0x1F && raw.read() == 0x8B;
      raw.reset();
      InputStream plain = isGzip ? new GZIPInputStream(raw) : raw;
      byte[] content = plain.readNBytes((int) MOST_BYTES);
      if (plain.read() >= 0) {
        throw new IOException("%s: over %d bytes of segments".formatted(path, MOST_BYTES));
      }
      return content;
    } catch (ZipException | java.io.EOFException e) {
      throw new IOException("%s: damaged gzip (%s)".formatted(path, e.getMessage()), e);
    }
  }

  private static String text(Path path, byte[] content) throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(java.nio.ByteBuffer.wrap(content))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IOException(
          path + ": neither text, LIGO_LW XML nor strain (expected: segments)", e);
    }
  }

  /** Every bit of every mask that says what its bits mean. */
  private static List<NamedSegments> masks(Path path) throws IOException {
    List<NamedSegments> lists = new ArrayList<>();
    try (StrainFile file = StrainFile.open(path)) {
      for (ChannelInfo channel : file.channels()) {
        if (!channel.type().isInteger()
            || !channel.name().toUpperCase(Locale.ROOT).contains("MASK")) {
          continue;
        }
        BitMask mask = file.readMask(channel.name());
        for (String bit : mask.names()) {
          lists.add(
              new NamedSegments(
                  channel.name() + ":" + bit,
                  mask.segments(bit),
                  Optional.of(new SegmentList(channel.spans()))));
        }
      }
    }
    if (lists.isEmpty()) {
      throw new IOException(path + ": no mask with named bits (expected: at least one)");
    }
    return lists;
  }
}
