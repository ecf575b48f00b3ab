package org.etalon.strain.opendata;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.etalon.strain.opendata.OpenDataException.Reason;

/** Brings strain files into the cache, taking up again where an earlier attempt was cut. */
final class Downloader {
  // The largest strain files published, 4096 s at 16 kHz, are near 0.5 GB.
  private static final long MAX_FILE_BYTES = 4L << 30;
  private static final int BUFFER_BYTES = 1 << 16;

  private final GwoscHttp http;
  private final StrainCache cache;

  Downloader(GwoscHttp http, StrainCache cache) {
    this.http = http;
    this.cache = cache;
  }

  /**
   * The file of {@code link}: the cached one if it is intact, else downloaded. The caller holds the
   * cache's lock.
   */
  Path fetch(StrainLink link, ProgressListener listener) throws IOException {
    Optional<Path> cached = cache.find(link, listener);
    if (cached.isPresent()) {
      return cached.get();
    }
    try {
      return http.withRetries(() -> attempt(link, listener));
    } catch (OpenDataException e) {
      if (e.reason() == Reason.CACHE) {
        throw e;
      }
      throw e.withRemedy(
          "The file can also be downloaded by hand and put at %s; the built-in example needs no network"
              .formatted(cache.pathOf(link)));
    }
  }

  private Path attempt(StrainLink link, ProgressListener listener) throws IOException {
    PartialFile partial = new PartialFile(cache.pathOf(link));
    try {
      receive(link, partial, listener);
      Path file = cache.accept(partial.path(), link);
      partial.finish();
      return file;
    } catch (OpenDataException e) {
      if (e.reason() == Reason.BAD_FILE) {
        partial.discard();
      }
      throw e;
    }
  }

  private void receive(StrainLink link, PartialFile partial, ProgressListener listener)
      throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    long here = partial.length();
    Optional<String> state = partial.resumableState(link.url());
    if (state.isPresent()) {
      headers.put("Range", "bytes=" + here + "-");
      headers.put("If-Range", state.get());
    }
    Set<Integer> accepted = headers.isEmpty() ? Set.of(200) : Set.of(200, 206, 416);
    try (HttpBody answer = http.open(link.url(), headers, accepted)) {
      switch (answer.status()) {
        case 206 -> requireRange(answer, here, link);
        case 416 -> throw badFile(link, "the part that is here already is not a part of it");
        default -> partial.restart(link.url(), answer.validator());
      }
      append(answer, partial, link, listener);
    }
  }

  private static void requireRange(HttpBody answer, long from, StrainLink link)
      throws OpenDataException {
    OptionalLong start = answer.rangeStart();
    if (start.isEmpty() || start.getAsLong() != from) {
      throw badFile(link, "the server sent another part than the one from byte " + from);
    }
  }

  private static void append(
      HttpBody answer, PartialFile partial, StrainLink link, ProgressListener listener)
      throws IOException {
    long bytes = partial.length();
    OptionalLong total =
        answer.length().isEmpty()
            ? answer.length()
            : OptionalLong.of(bytes + answer.length().getAsLong());
    requireSize(total.orElse(bytes), link);
    byte[] buffer = new byte[BUFFER_BYTES];
    InputStream in = answer.stream();
    try (OutputStream out =
        Files.newOutputStream(
            partial.path(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      listener.downloaded(link.fileName(), bytes, total);
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        write(out, buffer, read, partial);
        bytes += read;
        requireSize(bytes, link);
        listener.downloaded(link.fileName(), bytes, total);
      }
    }
    if (total.isPresent() && bytes != total.getAsLong()) {
      throw badFile(link, "%d bytes arrived (expected: %d)".formatted(bytes, total.getAsLong()));
    }
  }

  private static void write(OutputStream out, byte[] buffer, int bytes, PartialFile partial)
      throws IOException {
    try {
      out.write(buffer, 0, bytes);
    } catch (IOException e) {
      throw StrainCache.unusable(partial.path(), e);
    }
  }

  private static void requireSize(long bytes, StrainLink link) throws OpenDataException {
    if (bytes > MAX_FILE_BYTES) {
      throw new OpenDataException(
          Reason.BAD_ANSWER,
          "%s is larger than any strain file (%d bytes, expected: at most %d)"
              .formatted(link.url(), bytes, MAX_FILE_BYTES));
    }
  }

  private static OpenDataException badFile(StrainLink link, String why) {
    return new OpenDataException(
        Reason.BAD_FILE, "could not get %s whole: %s".formatted(link.url(), why));
  }
}
