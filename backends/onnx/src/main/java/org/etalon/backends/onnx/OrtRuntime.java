package org.etalon.backends.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.etalon.engine.backend.Device;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ONNX Runtime's library in this process. Immutable, thread-safe. */
final class OrtRuntime {
  private static final Logger LOGGER = LoggerFactory.getLogger(OrtRuntime.class);

  private final OrtEnvironment environment;
  private final OrtApi api;
  private final Set<OrtProvider> providers;
  private final List<Device> devices;

  private OrtRuntime(OrtEnvironment environment, OrtApi api) {
    this.environment = environment;
    this.api = api;
    this.providers = OrtEnvironment.getAvailableProviders();
    this.devices = probeDevices();
  }

  /**
   * Loads the library, if no one has.
   *
   * @throws ServingException UNAVAILABLE if there is none for this operating system and processor
   */
  static OrtRuntime load() {
    try {
      Telemetry.disable();
      UnpackedLibrary.use();
      // The first class of the Java interface that is touched loads the library.
      new SessionOptions().close();
      OrtApi api = new OrtApi(SymbolLookup.loaderLookup());
      // The process has one environment, made by whoever asks first, with their logger; the Java
      // interface would log to stderr. This use of it is never given back: the Java interface's
      // shutdown hook would take the environment away from models that still run.
      api.createEnvironment(OrtLog.function(Arena.global()), OrtLog.WARNING);
      return new OrtRuntime(OrtEnvironment.getEnvironment(), api);
    } catch (OrtException | LinkageError | RuntimeException e) {
      throw unavailable(e);
    }
  }

  private static ServingException unavailable(Throwable cause) {
    return new ServingException(
        ErrorCode.UNAVAILABLE,
        "ONNX Runtime cannot be loaded on %s/%s: %s (its jar has Linux x86-64 and AArch64, macOS"
                .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), cause)
            + " AArch64, Windows x86-64; for others build it and pass"
            + " -Donnxruntime.native.path=DIRECTORY)",
        cause);
  }

  OrtApi api() {
    return api;
  }

  String version() {
    return environment.getVersion();
  }

  /** The execution providers of this build, usable or not. */
  Set<OrtProvider> providers() {
    return providers;
  }

  /** The processor, and the accelerators that a session could be made on. */
  List<Device> devices() {
    return devices;
  }

  /** A session for the model in a file; external data is found beside it. */
  OrtSession open(Path file, SessionOptions options) throws OrtException {
    return environment.createSession(file.toString(), options);
  }

  private List<Device> probeDevices() {
    List<Device> found = new ArrayList<>(List.of(Device.CPU));
    if (providers.contains(OrtProvider.CUDA)) {
      byte[] model = probeModel();
      Device next = new Device(Device.Kind.CUDA, 0);
      while (isUsable(next, model)) {
        found.add(next);
        next = new Device(Device.Kind.CUDA, next.index() + 1);
      }
    }
    return List.copyOf(found);
  }

  private boolean isUsable(Device device, byte[] model) {
    try (SessionOptions options = new SessionOptions();
        OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
      options.addCUDA(cuda);
      environment.createSession(model, options).close();
      return true;
    } catch (OrtException e) {
      LOGGER.info("{} cannot be used: {}", device, e.getMessage());
      return false;
    }
  }

  /** A model of one Identity node, for trying a device. */
  private static byte[] probeModel() {
    try (InputStream model =
        Objects.requireNonNull(OrtRuntime.class.getResourceAsStream("probe.onnx"), "probe.onnx")) {
      return model.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
