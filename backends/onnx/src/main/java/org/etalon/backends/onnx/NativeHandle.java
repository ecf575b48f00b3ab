package org.etalon.backends.onnx;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The pointer inside an object of ONNX Runtime's Java interface, which has no accessor for it.
 * Immutable.
 *
 * <p>Reading its private field was preferred to making sessions through the C interface as well,
 * which would repeat all of its options and the unpacking of providers from the GPU jar.
 */
final class NativeHandle<T> {
  private final VarHandle field;

  NativeHandle(Class<T> type) {
    try {
      field =
          MethodHandles.privateLookupIn(type, MethodHandles.lookup())
              .findVarHandle(type, "nativeHandle", long.class);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this version of ONNX Runtime's Java interface is not known", e);
    }
  }

  MemorySegment of(T object) {
    return MemorySegment.ofAddress((long) field.get(object));
  }
}
