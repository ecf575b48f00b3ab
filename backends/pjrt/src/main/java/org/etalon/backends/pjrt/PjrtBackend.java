package org.etalon.backends.pjrt;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.backends.libraries.OptionalLibraries;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Runs StableHLO programs with a PJRT plugin. Thread-safe; found with {@link
 * java.util.ServiceLoader}.
 *
 * <p>The plugin is loaded when a model is first loaded: the one that the operator names, else XLA's
 * for the processor. A model cannot name one, as it would run any code.
 */
public final class PjrtBackend implements Backend, OptionalLibraries {
  /** The environment variable that names a plugin, such as {@code /usr/lib/libtpu.so}. */
  public static final String PLUGIN_VARIABLE = "ETALON_PJRT_PLUGIN";

  /** The system property that says the same. */
  public static final String PLUGIN_PROPERTY = "etalon.pjrt.plugin";

  static final String NAME = "pjrt";

  /** Guarded by this. */
  private @Nullable PjrtClient client;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> platforms() {
    return Set.of("stablehlo");
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of(ProgramFiles.UNBATCHED);
  }

  @Override
  public Optional<LibrarySet> libraries() {
    return PjrtLibraries.set();
  }

  /** The plugin's first device stands in the processor's place, whatever it is. */
  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    ModelLabel label = new ModelLabel(files.model(), files.version(), files.versionDirectory());
    ProgramFiles programs = ProgramFiles.find(files, config, label);
    return PjrtModel.load(client(), programs, config, label);
  }

  private synchronized PjrtClient client() {
    PjrtClient open = client;
    if (open == null) {
      Path plugin = plugin();
      try {
        open = PjrtClient.open(plugin);
      } catch (PjrtException e) {
        throw new ServingException(
            ErrorCode.UNAVAILABLE, "backend '%s': %s".formatted(NAME, e.getMessage()), e);
      }
      client = open;
    }
    return open;
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
      client = null;
    }
  }

  private static Path plugin() {
    String named =
        System.getProperty(PLUGIN_PROPERTY, System.getenv().getOrDefault(PLUGIN_VARIABLE, ""));
    if (!named.isBlank()) {
      return Path.of(named).toAbsolutePath();
    }
    LibrarySet set =
        PjrtLibraries.set()
            .orElseThrow(() ->
                new ServingException(
                    ErrorCode.UNAVAILABLE,
                    "backend '%s': there is no plugin for this platform to fetch (remedy: name one with %s)"
                        .formatted(NAME, PLUGIN_VARIABLE)));
    return LibraryStore.ofUser().provide(set, (_, _, _) -> {}).resolve(PjrtLibraries.CPU_PLUGIN);
  }
}
