package org.etalon.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.backends.libraries.OptionalLibraries;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code etalon backends list}. */
@Command(
    name = "list",
    description = "Lists the backends, the files they run and where their libraries are.",
    mixinStandardHelpOptions = true)
final class BackendsListCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() {
    TextTable table = new TextTable("backend", "files", "libraries");
    LibraryStore store = LibraryStore.ofUser();
    List<Backend> backends =
        Engine.installedBackends().stream().sorted(Comparator.comparing(Backend::name)).toList();
    for (Backend backend : backends) {
      table.row(
          backend.name(),
          String.join(" ", backend.defaultFilenames()),
          backend instanceof OptionalLibraries optional
              ? state(optional.libraries(), store)
              : "built in");
    }
    table.print(asJson);
    return 0;
  }

  private static String state(Optional<LibrarySet> libraries, LibraryStore store) {
    if (libraries.isEmpty()) {
      return "none for this platform";
    }
    LibrarySet set = libraries.get();
    return store.isInstalled(set)
        ? store.folderOf(set).toString()
        : "not installed (%d MB to fetch)".formatted(set.downloadBytes() / 1_000_000);
  }
}
