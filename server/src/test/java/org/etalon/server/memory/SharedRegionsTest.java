package org.etalon.server.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.SharedMemory.Place;
import org.etalon.server.memory.SharedRegions.Region;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions of files in a folder that stands for the system's. */
final class SharedRegionsTest {
  @TempDir private Path folder;
  private SharedRegions regions;

  @BeforeEach
  void open() throws IOException {
    regions = new SharedRegions(true, folder);
    Files.write(folder.resolve("object"), new byte[] {0, 1, 2, 3, 4, 5, 6, 7});
  }

  private static Place place(String region, long offset, long size) {
    return new Place(region, size, OptionalLong.of(offset));
  }

  private static void refuses(ErrorCode code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServingException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  @Test
  void readsAndWritesTheObjectItself() throws IOException {
    regions.register(new Region("r", "/object", 2, 4));
    MemorySegment piece = regions.piece(place("r", 1, 2));
    assertThat(piece.toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 4);
    piece.set(ValueLayout.JAVA_BYTE, 0, (byte) 99);
    assertThat(Files.readAllBytes(folder.resolve("object"))[3]).isEqualTo((byte) 99);
    assertThat(regions.status(Optional.empty())).containsExactly(new Region("r", "/object", 2, 4));
  }

  @Test
  void keepsAPieceThatIsHeldWhenItsRegionIsGivenUp() {
    regions.register(new Region("r", "/object", 0, 8));
    MemorySegment piece = regions.piece(place("r", 0, 8));
    regions.unregister("r");
    regions.unregister("never there");
    assertThat(piece.get(ValueLayout.JAVA_BYTE, 7)).isEqualTo((byte) 7);
    refuses(
        ErrorCode.NOT_FOUND,
        "Unable to find shared memory region: 'r'",
        () -> regions.piece(place("r", 0, 1)));
  }

  @Test
  void refusesANameThatIsTaken() {
    regions.register(new Region("r", "/object", 0, 8));
    refuses(
        ErrorCode.ALREADY_EXISTS,
        "shared memory region 'r' already in manager",
        () -> regions.register(new Region("r", "/object", 0, 4)));
    regions.unregisterAll();
    regions.register(new Region("r", "/object", 0, 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/absent", "/../object", "/a/b", "..", "/", "/folder"})
  void opensNothingButObjectsOfTheFolder(String key) throws IOException {
    Files.createDirectory(folder.resolve("folder"));
    refuses(
        ErrorCode.INTERNAL,
        "Unable to open shared memory region: '" + key + "'",
        () -> regions.register(new Region("r", key, 0, 1)));
  }

  @Test
  void followsNoLink() throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("object"));
    refuses(
        ErrorCode.INTERNAL,
        "Unable to open",
        () -> regions.register(new Region("r", "/link", 0, 1)));
  }

  @ParameterizedTest
  @CsvSource({"0, 9", "9, 1", "8, 1", "-1, 2", "0, 0", "4, 9223372036854775807"})
  void refusesRegionsThatDoNotLieInTheObject(long offset, long size) {
    refuses(
        ErrorCode.INVALID_ARGUMENT,
        "failed to register shared memory region 'r': invalid args",
        () -> regions.register(new Region("r", "/object", offset, size)));
  }

  @Test
  void refusesPiecesThatDoNotLieInTheRegion() {
    regions.register(new Region("r", "/object", 4, 4));
    refuses(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid offset for shared memory region: 'r'",
        () -> regions.piece(place("r", 5, 0)));
    refuses(
        ErrorCode.INVALID_ARGUMENT,
        "Invalid offset + byte size for shared memory region: 'r'",
        () -> regions.piece(place("r", 1, 4)));
    assertThat(regions.piece(place("r", 4, 0)).byteSize()).isZero();
  }

  @Test
  void refusesAnObjectThatWasCutShort() throws IOException {
    regions.register(new Region("r", "/object", 0, 8));
    try (var file = new RandomAccessFile(folder.resolve("object").toFile(), "rw")) {
      file.setLength(3);
    }
    refuses(ErrorCode.INVALID_ARGUMENT, "was cut short", () -> regions.piece(place("r", 0, 8)));
  }

  @Test
  void refusesEverythingWhereItIsNotAllowed() {
    refuses(
        ErrorCode.UNIMPLEMENTED,
        "--allow-client-shm",
        () -> new SharedRegions(false, folder).register(new Region("r", "/object", 0, 8)));
  }
}
