package org.etalon.strain.hdf5;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.jhdf.object.datatype.CompoundDataType;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.etalon.strain.SampleType;

/** Turns the arrays that jHDF gives, wider than stored where unsigned, into native bytes. */
final class Hdf5Samples {
  private Hdf5Samples() {}

  /** Empty if the type is no number of a known size. */
  static Optional<SampleType> type(DataType type) {
    return switch (type) {
      case FixedPoint integer -> integer(integer.getSize(), integer.isSigned());
      case FloatingPoint real -> real(real.getSize());
      case CompoundDataType compound -> complex(compound);
      default -> Optional.empty();
    };
  }

  private static Optional<SampleType> integer(int bytes, boolean isSigned) {
    return switch (bytes) {
      case 1 -> Optional.of(isSigned ? SampleType.INT8 : SampleType.UINT8);
      case 2 -> Optional.of(isSigned ? SampleType.INT16 : SampleType.UINT16);
      case 4 -> Optional.of(isSigned ? SampleType.INT32 : SampleType.UINT32);
      case 8 -> Optional.of(isSigned ? SampleType.INT64 : SampleType.UINT64);
      default -> Optional.empty();
    };
  }

  private static Optional<SampleType> real(int bytes) {
    return switch (bytes) {
      case 4 -> Optional.of(SampleType.FLOAT32);
      case 8 -> Optional.of(SampleType.FLOAT64);
      default -> Optional.empty();
    };
  }

  /** h5py stores complex numbers as a compound of two reals, {@code r} and {@code i}. */
  private static Optional<SampleType> complex(CompoundDataType compound) {
    var members = compound.getMembers();
    boolean isComplex =
        members.size() == 2
            && members.get(0).getName().equals("r")
            && members.get(1).getName().equals("i")
            && members.get(0).getDataType() instanceof FloatingPoint r
            && members.get(1).getDataType() instanceof FloatingPoint i
            && r.getSize() == i.getSize();
    if (!isComplex) {
      return Optional.empty();
    }
    return switch (compound.getSize()) {
      case 8 -> Optional.of(SampleType.COMPLEX64);
      case 16 -> Optional.of(SampleType.COMPLEX128);
      default -> Optional.empty();
    };
  }

  /** Little-endian samples of the stored type. */
  static byte[] bytes(Object data, SampleType type) {
    return switch (data) {
      case double[] values -> {
        byte[] bytes = new byte[Math.multiplyExact(values.length, Double.BYTES)];
        ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN).asDoubleBuffer().put(values);
        yield bytes;
      }
      case float[] values -> {
        byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
        ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN).asFloatBuffer().put(values);
        yield bytes;
      }
      case byte[] values -> values;
      case short[] values -> integers(values.length, i -> values[i], type);
      case int[] values -> integers(values.length, i -> values[i], type);
      case long[] values -> integers(values.length, i -> values[i], type);
      case BigInteger[] values -> integers(values.length, i -> values[i].longValue(), type);
      case Map<?, ?> members -> interleaved(members, type);
      default -> throw new IllegalStateException(data.getClass() + " (expected: numbers)");
    };
  }

  private static byte[] integers(int count, IntToLongFunction value, SampleType type) {
    byte[] bytes = new byte[Math.multiplyExact(count, type.bytes())];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      long sample = value.applyAsLong(i);
      switch (type.bytes()) {
        case 1 -> buffer.put((byte) sample);
        case 2 -> buffer.putShort((short) sample);
        case 4 -> buffer.putInt((int) sample);
        default -> buffer.putLong(sample);
      }
    }
    return bytes;
  }

  private static byte[] interleaved(Map<?, ?> members, SampleType type) {
    List<byte[]> parts = List.of(bytes(part(members, "r"), type), bytes(part(members, "i"), type));
    int size = type.bytes() / 2;
    byte[] samples = new byte[parts.get(0).length + parts.get(1).length];
    for (int at = 0; at < samples.length; at += size) {
      byte[] part = parts.get(at / size % 2);
      System.arraycopy(part, at / (2 * size) * size, samples, at, size);
    }
    return samples;
  }

  private static Object part(Map<?, ?> members, String name) {
    Object part = members.get(name);
    if (part == null) {
      throw new IllegalStateException("no part " + name);
    }
    return part;
  }
}
