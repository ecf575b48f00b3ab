package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs ONNX models with ONNX Runtime. Thread-safe; found with {@link java.util.ServiceLoader}.
 *
 * <p>The native library is loaded when a model or the list of devices is first asked for, or by
 * {@link #prepare}. {@link SessionSettings} and {@link Accelerators} say what of a {@code
 * config.pbtxt} is heeded.
 */
public final class OnnxBackend implements Backend {
  static final String NAME = "onnxruntime";
  private static final Logger LOG = LoggerFactory.getLogger(OnnxBackend.class);
  private static final String DEFAULT_FILENAME = "model.onnx";

  /** Guarded by this. */
  private @Nullable OrtRuntime runtime;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> platforms() {
    return Set.of("onnxruntime_onnx");
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of(DEFAULT_FILENAME);
  }

  /**
   * The processor, and each CUDA device if this build of ONNX Runtime has CUDA and a session can be
   * made there.
   */
  @Override
  public List<Device> devices() {
    return runtime().devices();
  }

  /** Loads the native library; why it cannot be is said by the first model that needs it. */
  @Override
  public void prepare() {
    try {
      var _ = runtime();
    } catch (ServingException e) {
      LOG.debug("ONNX Runtime is not there", e);
    }
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    SessionSource source = SessionSource.of(runtime(), files, config, DEFAULT_FILENAME);
    Device device = firstDevice(config);
    OnnxSession session = source.open(device);
    try {
      ModelLabel label = source.label();
      ModelSignature signature = ModelSignature.read(session, runtime().setup(), label);
      ModelConfig completed = ConfigCompletion.complete(label, config, signature);
      return new OnnxModel(source, completed, signature, device, session);
    } catch (OrtException e) {
      session.close();
      throw source.label().notLoaded(e);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Where the file is first loaded: most likely where its first instance will run. */
  private static Device firstDevice(ModelConfig config) {
    for (ModelInstanceGroup group : config.getInstanceGroupList()) {
      if (group.getKind() == ModelInstanceGroup.Kind.KIND_GPU) {
        return new Device(Device.Kind.CUDA, group.getGpusCount() > 0 ? group.getGpus(0) : 0);
      }
    }
    return Device.CPU;
  }

  private synchronized OrtRuntime runtime() {
    OrtRuntime loaded = runtime;
    if (loaded == null) {
      loaded = OrtRuntime.load();
      runtime = loaded;
    }
    return loaded;
  }
}
