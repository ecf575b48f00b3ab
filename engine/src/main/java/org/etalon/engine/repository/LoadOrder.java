package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.repository.RepositoryFolders.Location;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelEnsembling;

/**
 * Models that are to be loaded together: each once, side by side, ensembles after their members.
 * Owned by one thread.
 */
final class LoadOrder {
  private final SortedMap<String, List<Location>> present;
  private final Function<String, RepositoryModel> models;
  private final Map<String, Item> items = new HashMap<>();
  private final Map<String, CompletableFuture<Void>> begun = new HashMap<>();

  /**
   * @param source looks at the model's folder when it is its turn
   * @param members that it needs, if it is an ensemble
   */
  private record Item(
      RepositoryModel model, Supplier<ModelDirectory> source, Collection<String> members) {}

  /**
   * @param present where models lie
   * @param models makes one if need be
   */
  LoadOrder(SortedMap<String, List<Location>> present, Function<String, RepositoryModel> models) {
    this.present = present;
    this.models = models;
  }

  /** The models of an ensemble's steps; none for other models. */
  static Collection<String> membersOf(ModelConfig config) {
    return config.getEnsembleScheduling().getStepList().stream()
        .map(ModelEnsembling.Step::getModelName)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** As written in a model's folder; none if that cannot be read, which its load will tell. */
  private static Collection<String> membersIn(Path folder) {
    Path file = folder.resolve(ModelDirectory.CONFIG_FILE);
    try {
      return Files.isRegularFile(file)
          ? membersOf(ModelConfigReader.read(file).config())
          : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** The same of a folder that may have to be brought first. */
  private static Collection<String> membersIn(Location location) {
    try {
      location.source().bring();
    } catch (IOException _) {
      return List.of();
    }
    return membersIn(location.path());
  }

  /** A model as its folder is when it is its turn, and those of its members not yet loaded. */
  void addWithMembers(String name) {
    List<Location> locations = present.getOrDefault(name, List.of());
    Collection<String> members =
        locations.size() == 1 ? membersIn(locations.getFirst()) : List.of();
    addWithMembers(name, () -> open(name, locations), members);
  }

  /** The same of a folder that was looked at, without its members. */
  void add(String name, ModelDirectory directory) {
    add(name, () -> directory, membersIn(directory.path()));
  }

  /** The same of what a source gives. */
  void addWithMembers(String name, Supplier<ModelDirectory> source, Collection<String> members) {
    add(name, source, members);
    for (String member : members) {
      boolean isThere = present.containsKey(member) && !items.containsKey(member);
      if (isThere && !models.apply(member).isReady()) {
        addWithMembers(member);
      }
    }
  }

  /** An ensemble that could not be loaded, if what it lacked may be coming. */
  void addIfAMemberLoads(String name) {
    List<Location> locations = present.getOrDefault(name, List.of());
    if (!items.containsKey(name) && locations.size() == 1) {
      Collection<String> members = membersIn(locations.getFirst());
      if (members.stream().anyMatch(items::containsKey)) {
        add(name, () -> open(name, locations), members);
      }
    }
  }

  private void add(String name, Supplier<ModelDirectory> source, Collection<String> members) {
    // That it names itself, its configuration's check tells.
    List<String> others = members.stream().filter(member -> !member.equals(name)).toList();
    items.put(name, new Item(models.apply(name), source, others));
  }

  private static ModelDirectory open(String name, List<Location> locations) {
    if (locations.isEmpty()) {
      throw new ServingException(ErrorCode.INTERNAL, RepositoryFolders.unpolled(name));
    }
    return RepositoryFolders.open(name, locations);
  }

  /** Begins to load all; done when each is loaded or has failed, with why in the index. */
  CompletableFuture<Void> loadAll() {
    return CompletableFuture.allOf(
        items.keySet().stream()
            .map(name -> load(name).exceptionally(_ -> null))
            .toArray(CompletableFuture[]::new));
  }

  /** Begins to load one of them, and before it its members among them. */
  CompletableFuture<Void> load(String name) {
    return load(name, new LinkedHashSet<>());
  }

  private CompletableFuture<Void> load(String name, Set<String> way) {
    CompletableFuture<Void> known = begun.get(name);
    if (known != null) {
      return known;
    }
    Item item = items.get(name);
    if (item == null) {
      return CompletableFuture.completedFuture(null);
    }
    way.add(name);
    CompletableFuture<Void> load;
    if (item.members.stream().anyMatch(way::contains)) {
      String cycle = String.join("' -> '", way);
      String repeated = item.members.stream().filter(way::contains).findFirst().orElse(name);
      load =
          item.model.load(() -> {
            throw ServingException.invalid(
                "load failed for model '%s': ensembles contain each other, '%s' -> '%s' (expected: no cycle)"
                    .formatted(name, cycle, repeated));
          });
    } else {
      CompletableFuture<?>[] members =
          item.members.stream()
              .map(member -> load(member, way).exceptionally(_ -> null))
              .toArray(CompletableFuture[]::new);
      load = item.model.load(item.source, CompletableFuture.allOf(members));
    }
    way.remove(name);
    begun.put(name, load);
    return load;
  }
}
