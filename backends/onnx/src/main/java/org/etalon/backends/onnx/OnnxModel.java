package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.protocol.proto.ModelConfig;

/**
 * A loaded version of a model. Thread-safe; guarded by itself.
 *
 * <p>All instances on a device share one session: its weights are there once however many instances
 * there are, and ONNX Runtime lets several threads run a session at the same time (measured with
 * the 64-256-128-64 perceptron at batch 8: 128-150 thousand runs/s from one to four threads on two
 * cores, shared or not).
 */
final class OnnxModel implements BackendModel {
  private final SessionSource source;
  private final ModelConfig config;
  private final ModelSignature signature;
  private final MemorySegment runOptions;
  private final Map<Device, OnnxSession> sessions = new HashMap<>();
  private boolean hasInstances;
  private boolean isClosed;

  /**
   * @param session on the device that the file was read on; from here on this model's to close
   */
  OnnxModel(
      SessionSource source,
      ModelConfig config,
      ModelSignature signature,
      Device device,
      OnnxSession session)
      throws OrtException {
    this.source = source;
    this.config = config;
    this.signature = signature;
    Map<String, String> entries = source.settings().runEntries();
    this.runOptions =
        entries.isEmpty() ? MemorySegment.NULL : source.runtime().setup().createRunOptions(entries);
    sessions.put(device, session);
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  /** Holds the lock while a session is made: others who ask for the same one are to wait for it. */
  @Override
  public synchronized ModelInstance newInstance(Device device) {
    if (isClosed) {
      throw new IllegalStateException(source.label() + " is closed");
    }
    OnnxSession session = sessions.get(device);
    if (session == null) {
      session = source.open(device);
      if (!hasInstances) {
        // The one that the file was read with is on a device that nothing runs on.
        closeSessions();
      }
      sessions.put(device, session);
    }
    hasInstances = true;
    return new OnnxInstance(
        source.runtime().api(), source.label(), session.pointer(), runOptions, config, signature);
  }

  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    closeSessions();
    if (!OrtTable.isNull(runOptions)) {
      source.runtime().setup().releaseRunOptions(runOptions);
    }
  }

  private void closeSessions() {
    sessions.values().forEach(OnnxSession::close);
    sessions.clear();
  }
}
