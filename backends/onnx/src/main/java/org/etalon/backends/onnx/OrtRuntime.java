package org.etalon.backends.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtEpDevice;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.etalon.engine.backend.Device;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ONNX Runtime's library in this process. Thread-safe; plugins are guarded by this. */
final class OrtRuntime {
  private static final Logger LOGGER = LoggerFactory.getLogger(OrtRuntime.class);
  private static final NativeHandle<SessionOptions> OPTIONS =
      new NativeHandle<>(SessionOptions.class);

  private final OrtEnvironment environment;
  private final OrtApi api;
  private final OrtSetup setup;
  private final Set<OrtProvider> providers;
  private final List<Device> devices;

  /** Registered plugins by name, for as long as the process lives: sessions may use them. */
  private final Map<String, Path> plugins = new HashMap<>();

  private OrtRuntime(OrtEnvironment environment, OrtApi api, OrtSetup setup) {
    this.environment = environment;
    this.api = api;
    this.setup = setup;
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
      OrtTable table = new OrtTable(SymbolLookup.loaderLookup());
      OrtApi api = new OrtApi(table);
      OrtSetup setup = new OrtSetup(table, api);
      // The process has one environment, made by whoever asks first, with their logger; the Java
      // interface would log to stderr. This use of it is never given back: the Java interface's
      // shutdown hook would take the environment away from models that still run.
      setup.createEnvironment(OrtLog.function(Arena.global()), OrtLog.WARNING);
      return new OrtRuntime(OrtEnvironment.getEnvironment(), api, setup);
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

  OrtSetup setup() {
    return setup;
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

  /** Adds a provider of this build by its name in the generic call of the C interface. */
  void addProvider(String name, Map<String, String> own, SessionOptions options)
      throws OrtException {
    setup.appendProvider(OPTIONS.of(options), name, own);
  }

  /**
   * Adds a provider that a plugin brings, on all of its devices.
   *
   * @param name under which it is registered, and of its provider
   * @throws OrtException if the library is no plugin, or offers no device here
   */
  synchronized void addPlugin(
      String name, Path library, Map<String, String> own, SessionOptions options)
      throws OrtException {
    Path registered = plugins.get(name);
    if (registered == null) {
      environment.registerExecutionProviderLibrary(name, library.toString());
      plugins.put(name, library);
    } else if (!registered.equals(library)) {
      throw new OrtException(
          "another library, %s, is registered under this name (expected: one library a name)"
              .formatted(registered));
    }
    List<OrtEpDevice> devices =
        environment.getEpDevices().stream()
            .filter(device -> device.getEpName().equals(name))
            .toList();
    if (devices.isEmpty()) {
      throw new OrtException(
          "%s offers no device under the name '%s' (there are: %s)"
              .formatted(
                  library,
                  name,
                  environment.getEpDevices().stream()
                      .map(OrtEpDevice::getEpName)
                      .distinct()
                      .toList()));
    }
    options.addExecutionProvider(devices, own);
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
