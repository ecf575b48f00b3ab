package org.etalon.inference.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
  @TempDir Path folder;

  static Path resource(String name) {
    try {
      return Path.of(NpyTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "b1, |b1, 0, 1",
    "i1, |i1, -7, 100",
    "i2, <i2, -7, 100",
    "i4, <i4, -7, 100",
    "i8, <i8, -7, 100",
    "u1, |u1, 255, 100",
    "u2, <u2, 65535, 100",
    "u4, <u4, 4294967295, 100",
    "u8, <u8, 18446744073709551616, 100",
    "f2, <f2, -0.375, 100",
    "f4, <f4, -0.375, 100",
    "f8, <f8, -0.375, 100"
  })
  void readsWhatNumpyWroteInBothByteOrders(String code, String dtype, double first, double fifth)
      throws IOException {
    for (String order : new String[] {"le", "be"}) {
      String name = code + "_" + order + ".npy";
      if (NpyTest.class.getResource(name) == null) {
        assertThat(code).isIn("b1", "i1", "u1"); // single bytes have no order
        continue;
      }
      for (NpyArray array : new NpyArray[] {Npy.read(resource(name)), Npy.map(resource(name))}) {
        assertThat(array.dtype()).isEqualTo(dtype);
        assertThat(array.shape()).containsExactly(2, 3);
        double second = code.equals("b1") ? 1 : 2;
        double third = code.equals("b1") ? 1 : 3;
        double last = code.equals("b1") ? 1 : 5;
        assertThat(array.doubles()).containsExactly(first, 1, second, third, fifth, last);
        assertThat(array.floats()[4]).isEqualTo((float) fifth);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"c8_le", "c8_be", "c16_le", "c16_be"})
  void givesTheTwoPartsOfComplexItems(String name) throws IOException {
    NpyArray array = Npy.read(resource(name + ".npy"));

    assertThat(array.size()).isEqualTo(6);
    assertThat(array.doubles()).startsWith(-0.375, 0, 1, -2.5, 2, 0).hasSize(12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fortran.npy", "fortran_be.npy"})
  void turnsFortranOrderIntoRowMajor(String name) throws IOException {
    NpyArray array = Npy.map(resource(name));

    assertThat(array.shape()).containsExactly(2, 3, 4);
    for (int i = 0; i < 24; i++) {
      assertThat(array.doubles()[i]).isEqualTo(i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"version2.npy", "version3.npy"})
  void readsLaterVersionsOfTheHeader(String name) throws IOException {
    assertThat(Npy.read(resource(name)).floats()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void readsASingleItemAndAnEmptyArray() throws IOException {
    assertThat(Npy.read(resource("scalar.npy")).shape()).isEmpty();
    assertThat(Npy.read(resource("scalar.npy")).doubles()).containsExactly(2.5);
    assertThat(Npy.read(resource("empty.npy")).shape()).containsExactly(0, 5);
    assertThat(Npy.read(resource("empty.npy")).doubles()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"object.npy, Python objects", "record.npy, records", "string.npy, type '<U2'"})
  void refusesWhatIsNotNumbersAndNamesTheFile(String name, String reason) {
    assertThatIOException()
        .isThrownBy(() -> Npy.read(resource(name)))
        .withMessageContaining(name)
        .withMessageContaining(" at byte ")
        .withMessageContaining(reason);
  }

  @Test
  void writesByteForByteWhatNumpyWrites() throws IOException {
    for (String name : new String[] {"f4_le", "c16_le", "b1_le", "u8_le", "scalar", "empty"}) {
      Path copy = folder.resolve(name + ".npy");
      Npy.write(copy, Npy.read(resource(name + ".npy")));

      assertThat(copy).hasSameBinaryContentAs(resource(name + ".npy"));
    }
  }

  @Test
  void replacesAFileAndLeavesNothingElse() throws IOException {
    Path path = folder.resolve("x.npy");
    Npy.write(path, NpyArray.ofFloats(new float[] {1, 2}, 2));
    Npy.write(path, NpyArray.ofDoubles(new double[] {3, 4, 5, 6}, 2, 2));

    assertThat(Npy.read(path).doubles()).containsExactly(3, 4, 5, 6);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void mapsUntilTheArenaIsClosed() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      NpyArray array = Npy.map(resource("f8_le.npy"), arena);

      assertThat(array.data().get(ValueLayout.JAVA_DOUBLE, 32)).isEqualTo(100);
      assertThat(array.data().isReadOnly()).isTrue();
    }
  }

  @Test
  void mapsAFileLargerThanTheHeap() throws IOException {
    long rows = Runtime.getRuntime().maxMemory() / 8000 + 1000;
    Path path = folder.resolve("large.npy");
    byte[] header = NpyHeader.encode(NpyType.F8, new long[] {rows, 1000});
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.write(header);
      file.setLength(header.length + rows * 8000); // a hole: takes no disk
      file.seek(header.length + rows * 8000 - 8);
      file.write(new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xf8, 0x3f});
    }
    try (Arena arena = Arena.ofConfined()) {
      NpyArray array = Npy.map(path, arena);

      assertThat(array.size()).isEqualTo(rows * 1000);
      assertThat(array.data().get(ValueLayout.JAVA_DOUBLE, rows * 8000 - 8)).isEqualTo(1.5);
    }
  }

  @Test
  void alignsItemsThatAnOddHeaderMisaligns() throws IOException {
    byte[] header =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }\n"
            .getBytes(StandardCharsets.US_ASCII);
    var file = ByteBuffer.allocate(10 + header.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    file.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length);
    file.put(header).putDouble(1.5).putDouble(-2).flip();

    NpyArray array = Npy.read(file);

    assertThat(array.data().get(ValueLayout.JAVA_DOUBLE, 8)).isEqualTo(-2);
    assertThat(file.position()).isZero();
  }

  @Test
  void refusesAFileOfAnotherLengthThanItsShape() throws IOException {
    byte[] whole = Files.readAllBytes(resource("f4_le.npy"));

    assertThatIOException()
        .isThrownBy(() -> Npy.read(Arrays.copyOf(whole, whole.length - 1)))
        .withMessage(
            "array in memory at byte 128: 23 bytes of items (expected: 24 for <f4 of shape [2, 3])");
    assertThatIOException()
        .isThrownBy(() -> Npy.read(Arrays.copyOf(whole, whole.length + 1)))
        .withMessageContaining("25 bytes of items");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3037000500, 3037000500, 9), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '=f4', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '|f4', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } x",
        "{'descr': '<f4",
        ""
      })
  void refusesAFaultyHeaderWithTheOffset(String header) {
    byte[] text = header.getBytes(StandardCharsets.US_ASCII);
    byte[] file = Arrays.copyOf(NpyHeader.MAGIC, 10 + text.length + 4);
    file[6] = 1;
    file[8] = (byte) text.length;
    System.arraycopy(text, 0, file, 10, text.length);

    assertThatIOException()
        .isThrownBy(() -> Npy.read(file))
        .withMessageMatching(".* at byte \\d+: .*");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void answersMutilatedFilesWithAnIoExceptionOrAnArray(long seed) throws IOException {
    var random = new Random(seed);
    String[] names = {"f4_le.npy", "c16_be.npy", "fortran.npy", "version2.npy", "scalar.npy"};
    for (int round = 0; round < 5000; round++) {
      byte[] file = Files.readAllBytes(resource(names[round % names.length]));
      for (int change = random.nextInt(4); change >= 0; change--) {
        file[random.nextInt(Math.min(file.length, 128))] = (byte) random.nextInt(256);
      }
      byte[] mutilated =
          Arrays.copyOf(file, random.nextInt(10) == 0 ? random.nextInt(file.length) : file.length);
      try {
        assertThat(Npy.read(mutilated).data().byteSize()).isLessThan(file.length);
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("(?s)array in memory at byte \\d+: .*");
      }
    }
  }

  @Test
  void refusesAnArrayWhoseDataDoNotFitItsShape() {
    assertThatIllegalArgumentException().isThrownBy(() -> NpyArray.ofFloats(new float[3], 2, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NpyWriter.create(folder.resolve("y.npy"), ">f4", 2));
  }
}
