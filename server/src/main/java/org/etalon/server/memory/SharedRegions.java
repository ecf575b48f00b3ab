package org.etalon.server.memory;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.SharedMemory;
import org.jspecify.annotations.Nullable;

/**
 * The POSIX shared-memory objects that clients have registered. Thread-safe.
 *
 * <p>A region that is given up stays mapped as long as a request holds a piece of it, since the
 * collector unmaps it. Only objects right under the system's folder for them can be opened.
 */
public final class SharedRegions implements SharedMemory, AutoCloseable {
  private static final Path SYSTEM_FOLDER = Path.of("/dev/shm");
  private static final Pattern KEY = Pattern.compile("/?[^/\0]{1,254}");

  /** Names that a server's own memory could have. */
  private static final String RESERVED = "triton_python_backend_shm_region";

  private final Path folder;
  private final boolean isAllowed;
  private final ConcurrentMap<String, Mapped> regions = new ConcurrentHashMap<>();

  /**
   * A registered region.
   *
   * @param key of the shared-memory object, as the client gave it
   * @param offset in bytes, where the region begins in the object
   */
  public record Region(String name, String key, long offset, long byteSize) {}

  private record Mapped(Region region, MemorySegment memory, FileChannel file) {}

  /**
   * @param isAllowed false: every registration is refused
   */
  public SharedRegions(boolean isAllowed) {
    this(isAllowed, SYSTEM_FOLDER);
  }

  SharedRegions(boolean isAllowed, Path folder) {
    this.isAllowed = isAllowed;
    this.folder = folder;
  }

  /**
   * Maps a shared-memory object.
   *
   * @throws ServingException ALREADY_EXISTS if the name is taken, INTERNAL if there is no such
   *     object, INVALID_ARGUMENT if the region does not lie in it
   */
  public void register(Region region) {
    if (!isAllowed) {
      throw new ServingException(
          ErrorCode.UNIMPLEMENTED,
          "shared memory region '%s' is refused: the server was started without --allow-client-shm"
              .formatted(region.name()));
    }
    if (region.key().contains(RESERVED)) {
      throw ServingException.invalid(
          "cannot register shared memory region '%s' with key '%s': the name is reserved"
              .formatted(region.name(), region.key()));
    }
    if (regions.containsKey(region.name())) {
      throw taken(region.name());
    }
    Mapped mapped = map(region);
    if (regions.putIfAbsent(region.name(), mapped) != null) {
      close(mapped);
      throw taken(region.name());
    }
  }

  private static ServingException taken(String name) {
    return new ServingException(
        ErrorCode.ALREADY_EXISTS, "shared memory region '%s' already in manager".formatted(name));
  }

  @SuppressWarnings("MustBeClosedChecker") // the channel is closed with the region
  private Mapped map(Region region) {
    FileChannel file = open(region);
    try {
      boolean fits =
          region.offset() >= 0
              && region.byteSize() > 0
              && region.offset() <= file.size()
              && region.byteSize() <= file.size() - region.offset();
      if (!fits) {
        throw ServingException.invalid(
            "failed to register shared memory region '%s': invalid args (offset %d and %d bytes of an object of %d)"
                .formatted(region.name(), region.offset(), region.byteSize(), file.size()));
      }
      MemorySegment memory =
          file.map(MapMode.READ_WRITE, region.offset(), region.byteSize(), Arena.ofAuto());
      return new Mapped(region, memory, file);
    } catch (IOException e) {
      closeQuietly(file);
      throw unopened(region, e);
    } catch (RuntimeException e) {
      closeQuietly(file);
      throw e;
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // owned by the caller
  private FileChannel open(Region region) {
    String key = region.key();
    if (!KEY.matcher(key).matches() || key.endsWith("..") || key.endsWith("/.")) {
      throw unopened(region, null);
    }
    Path object = folder.resolve(key.startsWith("/") ? key.substring(1) : key);
    try {
      if (!Files.isRegularFile(object, LinkOption.NOFOLLOW_LINKS)) {
        throw unopened(region, null);
      }
      return FileChannel.open(
          object, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw unopened(region, e);
    }
  }

  private static ServingException unopened(Region region, @Nullable IOException cause) {
    return new ServingException(
        ErrorCode.INTERNAL,
        "Unable to open shared memory region: '%s'".formatted(region.key()),
        cause);
  }

  /** What a server without a GPU says to who registers memory of one. */
  public static ServingException noGpu(String region) {
    return ServingException.invalid(
        "failed to register CUDA shared memory region: '%s', GPUs not supported".formatted(region));
  }

  /** Gives a region up; one that is unknown is no error. */
  public void unregister(String name) {
    Mapped mapped = regions.remove(name);
    if (mapped != null) {
      close(mapped);
    }
  }

  public void unregisterAll() {
    regions.keySet().forEach(this::unregister);
  }

  /**
   * What is registered, by name.
   *
   * @param name empty: all
   * @throws ServingException NOT_FOUND if there is none of that name
   */
  public List<Region> status(Optional<String> name) {
    if (name.isPresent()) {
      return List.of(find(name.get()).region());
    }
    return regions.values().stream()
        .map(Mapped::region)
        .sorted(Comparator.comparing(Region::name))
        .toList();
  }

  private Mapped find(String name) {
    Mapped mapped = regions.get(name);
    if (mapped == null) {
      throw ServingException.notFound("Unable to find shared memory region: '%s'".formatted(name));
    }
    return mapped;
  }

  /** A piece of the mapping itself: what is read from it and written to it the client sees. */
  @Override
  public MemorySegment piece(Place place) {
    Mapped mapped = find(place.region());
    long offset = place.offset().orElse(0);
    long size = mapped.memory().byteSize();
    if (offset > size) {
      throw ServingException.invalid(
          "Invalid offset for shared memory region: '%s'".formatted(place.region()));
    }
    if (place.byteSize() > size - offset) {
      throw ServingException.invalid(
          "Invalid offset + byte size for shared memory region: '%s'".formatted(place.region()));
    }
    checkLength(mapped);
    return mapped.memory().asSlice(offset, place.byteSize());
  }

  /** An object that was cut short since would take the process down where native code reads it. */
  private static void checkLength(Mapped mapped) {
    Region region = mapped.region();
    try {
      if (mapped.file().size() < region.offset() + region.byteSize()) {
        throw ServingException.invalid(
            "shared memory region '%s': its object '%s' was cut short (expected: at least %d bytes)"
                .formatted(region.name(), region.key(), region.offset() + region.byteSize()));
      }
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.NOT_FOUND,
          "Unable to find shared memory region: '%s'".formatted(region.name()),
          e);
    }
  }

  private static void close(Mapped mapped) {
    closeQuietly(mapped.file());
  }

  private static void closeQuietly(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      // Nothing was written by it that could be lost.
    }
  }

  @Override
  public void close() {
    unregisterAll();
  }
}
