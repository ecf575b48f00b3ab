package org.etalon.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.backends.libraries.OptionalLibraries;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.inference.NearestName;
import org.etalon.inference.ServingException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code etalon backends install}. */
@Command(
    name = "install",
    description = "Fetches, checks and unpacks the native libraries of backends.",
    mixinStandardHelpOptions = true)
final class BackendsInstallCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "NAME",
      arity = "1..*",
      description = "Such as pytorch, tensorflow, pjrt.")
  private List<String> names = List.of();

  @Mixin private LibraryOptions sources = new LibraryOptions();

  @Override
  public Integer call() {
    sources.settle();
    LibraryStore store = LibraryStore.ofUser();
    List<LibrarySet> sets = names.stream().map(BackendsInstallCommand::set).toList();
    for (LibrarySet set : sets) {
      try (Progress progress = new Progress()) {
        Path folder = store.provide(set, progress::show);
        System.out.println(set.name() + ": " + folder);
      }
    }
    return 0;
  }

  private static LibrarySet set(String name) {
    List<Backend> optional =
        Engine.installedBackends().stream().filter(OptionalLibraries.class::isInstance).toList();
    for (Backend backend : optional) {
      if (backend.name().equals(name)) {
        return ((OptionalLibraries) backend)
            .libraries()
            .orElseThrow(() ->
                ServingException.unavailable(
                    "backend '%s' has no libraries for this platform".formatted(name)));
      }
    }
    throw ServingException.invalid(
        "no backend '%s' has libraries to install (expected: %s)"
            .formatted(name, NearestName.of(name, optional.stream().map(Backend::name).toList())));
  }

  /** A bar for the file that is being fetched. */
  private static final class Progress implements AutoCloseable {
    private String file = "";
    private ConsoleBar bar = ConsoleBar.none();

    void show(String name, long bytes, long total) {
      if (!name.equals(file)) {
        bar.close();
        file = name;
        bar = ConsoleBar.open(name, "B");
      }
      bar.show(bytes, total, "");
    }

    @Override
    public void close() {
      bar.close();
    }
  }
}
