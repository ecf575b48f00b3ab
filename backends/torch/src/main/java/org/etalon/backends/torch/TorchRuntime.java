package org.etalon.backends.torch;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.PyTorchLibrary;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.backends.libraries.Platform;
import org.etalon.engine.backend.Device;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** libtorch in this process. Thread-safe. */
final class TorchRuntime {
  /**
   * Names the folder of another libtorch of the same version, such as one with CUDA, with DJL's
   * library beside it.
   */
  private static final String FOLDER_VARIABLE = "PYTORCH_LIBRARY_PATH";

  private static final List<String> OF_ITS_OWN =
      List.of("c10", "c10_cuda", "torch_cpu", "torch_cuda", "torch", "djl_torch");

  /** A function that only a libtorch with CUDA has. */
  private static final String OF_CUDA_LIBRARY = "aoti_torch_create_cuda_stream_guard";

  private static final Logger LOG = LoggerFactory.getLogger(TorchRuntime.class);

  private final List<Device> devices;

  private TorchRuntime(List<Device> devices) {
    this.devices = devices;
  }

  /** The processor, and the CUDA devices that libtorch can use. */
  List<Device> devices() {
    return devices;
  }

  /**
   * Threads between operators. libtorch takes their number once a process, from the first model
   * that names one.
   *
   * @throws ServingException INVALID_ARGUMENT if the process has another number than is asked for
   */
  static synchronized void useInterOpThreads(OptionalInt asked, ModelLabel label) {
    int had = PyTorchLibrary.torchGetNumInteropThreads();
    if (asked.isEmpty() || asked.getAsInt() == had) {
      return;
    }
    try {
      PyTorchLibrary.torchSetNumInteropThreads(asked.getAsInt());
    } catch (EngineException e) {
      throw label.invalid(
          "parameter INTER_OP_THREAD_COUNT: %d (expected: %d, which this process already has, or none: %s)"
              .formatted(asked.getAsInt(), had, e.getMessage()));
    }
  }

  /**
   * Installs the libraries if need be and loads them, once a process.
   *
   * @throws ServingException UNAVAILABLE if that cannot be done
   */
  static TorchRuntime load(LibraryStore store) {
    List<Path> libraries = libraries(store);
    try {
      libraries.forEach(library -> System.load(library.toString()));
      return new TorchRuntime(probeDevices());
    } catch (UnsatisfiedLinkError | EngineException e) {
      throw new ServingException(
          ErrorCode.UNAVAILABLE, "libtorch cannot be loaded: " + e.getMessage(), e);
    }
  }

  private static List<Path> libraries(LibraryStore store) {
    String folder = System.getenv(FOLDER_VARIABLE);
    if (folder != null) {
      return OF_ITS_OWN.stream()
          .map(name -> Path.of(folder).toAbsolutePath().resolve(System.mapLibraryName(name)))
          .filter(Files::exists)
          .toList();
    }
    LibrarySet set =
        TorchLibraries.set()
            .orElseThrow(() ->
                ServingException.unavailable(
                    "there is no libtorch for %s (expected: Linux on x86_64 or aarch64, macOS on aarch64; or a folder with one in %s)"
                        .formatted(Platform.name(), FOLDER_VARIABLE)));
    Path installed = store.provide(set, (file, bytes, total) -> progress(file, bytes, total));
    return set.archives().stream()
        .flatMap(archive -> archive.libraries().stream())
        .map(installed::resolve)
        .toList();
  }

  private static void progress(String file, long bytes, long total) {
    if (bytes == total) {
      LOG.info("{}: {} MB are here", file, total / 1_000_000);
    }
  }

  private static List<Device> probeDevices() {
    List<Device> found = new ArrayList<>(List.of(Device.CPU));
    if (SymbolLookup.loaderLookup().find(OF_CUDA_LIBRARY).isEmpty()) {
      return List.copyOf(found);
    }
    try (TensorApi tensors = new TensorApi()) {
      for (int index = 0; ; index++) {
        Device device = new Device(Device.Kind.CUDA, index);
        tensors.delete(tensors.empty(DataType.FP32, Shape.of(1), device));
        found.add(device);
      }
    } catch (ServingException e) {
      LOG.debug("no further device: {}", e.getMessage());
    }
    return List.copyOf(found);
  }

  /** A device as libtorch numbers it. */
  static int[] numbers(Device device) {
    return switch (device.kind()) {
      case CPU -> new int[] {0, 0};
      case CUDA -> new int[] {1, device.index()};
    };
  }
}
