package org.etalon.backends.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.Collection;

/** A session of the Java interface that the C interface can run too. Thread-safe. */
final class OnnxSession implements AutoCloseable {
  private static final VarHandle NATIVE_HANDLE = nativeHandle();

  private final OrtSession session;
  private final MemorySegment pointer;

  private OnnxSession(OrtSession session) {
    this.session = session;
    this.pointer = MemorySegment.ofAddress((long) NATIVE_HANDLE.get(session));
  }

  static OnnxSession open(OrtRuntime runtime, Path file, SessionOptions options)
      throws OrtException {
    return new OnnxSession(runtime.open(file, options));
  }

  /** The {@code OrtSession*}, valid until {@link #close}. */
  MemorySegment pointer() {
    return pointer;
  }

  Collection<NodeInfo> inputs() throws OrtException {
    return session.getInputInfo().values();
  }

  Collection<NodeInfo> outputs() throws OrtException {
    return session.getOutputInfo().values();
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("a session of ONNX Runtime cannot be closed", e);
    }
  }

  /**
   * The Java interface has no accessor for the pointer it wraps. Reading its private field was
   * preferred to making sessions through the C interface as well, which would repeat all of its
   * options and the unpacking of providers from the GPU jar.
   */
  private static VarHandle nativeHandle() {
    try {
      return MethodHandles.privateLookupIn(OrtSession.class, MethodHandles.lookup())
          .findVarHandle(OrtSession.class, "nativeHandle", long.class);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this version of ONNX Runtime's Java interface is not known", e);
    }
  }
}
