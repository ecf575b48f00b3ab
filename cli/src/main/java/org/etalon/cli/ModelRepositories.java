package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.repository.RemoteRepository;
import org.etalon.inference.ServingException;
import org.etalon.objectstore.ObjectRepository;
import org.etalon.objectstore.S3Address;
import org.etalon.objectstore.S3Settings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The repositories that a command was given: folders, and object stores whose models are copied
 * into folders.
 */
final class ModelRepositories {
  private final List<Path> folders = new ArrayList<>();
  private final List<RemoteRepository> remotes = new ArrayList<>();

  private ModelRepositories() {}

  /**
   * @param named folders, or {@code s3://...}
   */
  static ModelRepositories of(@Nullable CommandSpec command, List<String> named) {
    ModelRepositories repositories = new ModelRepositories();
    try {
      for (String repository : named) {
        if (S3Address.isMeant(repository)) {
          repositories.addStore(command, repository);
        } else {
          repositories.folders.add(Path.of(repository));
        }
      }
    } catch (RuntimeException e) {
      repositories.remotes.forEach(RemoteRepository::close);
      throw e;
    }
    return repositories;
  }

  private void addStore(@Nullable CommandSpec command, String repository) {
    S3Address address = WrongUsage.unlessAccepted(command, () -> S3Address.of(repository));
    S3Settings settings = WrongUsage.unlessAccepted(command, () -> S3Settings.of(System.getenv()));
    Path base = CacheFolder.of("repositories");
    try {
      RemoteRepository store = ObjectRepository.open(address, settings, base);
      remotes.add(store);
      folders.add(store.folder());
    } catch (IOException e) {
      throw ServingException.internal("%s: no copy in %s: %s".formatted(repository, base, e), e);
    }
  }

  /** Starts an engine of them, which closes the backends and deletes the copies. */
  Engine start(UnaryOperator<EngineConfig> settings, List<Backend> backends) {
    try {
      return Engine.start(settings.apply(EngineConfig.of(folders)), remotes, backends);
    } catch (RuntimeException e) {
      remotes.forEach(RemoteRepository::close);
      throw e;
    }
  }

  /** True if one of them has a folder of that name, or had when it was last asked. */
  boolean contain(String model) {
    return folders.stream().anyMatch(folder -> Files.isDirectory(folder.resolve(model)));
  }
}
