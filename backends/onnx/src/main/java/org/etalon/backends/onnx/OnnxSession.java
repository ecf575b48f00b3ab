package org.etalon.backends.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;

/** A session of the Java interface that the C interface can run too. Thread-safe. */
final class OnnxSession implements AutoCloseable {
  private static final NativeHandle<OrtSession> HANDLE = new NativeHandle<>(OrtSession.class);

  private final OrtSession session;
  private final MemorySegment pointer;

  private OnnxSession(OrtSession session) {
    this.session = session;
    this.pointer = HANDLE.of(session);
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
}
