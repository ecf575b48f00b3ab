package org.etalon.engine.jar;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.zip.ZipFile;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Runs models that bring their own {@link Backend} in {@code model.jar}, each version with a class
 * loader of its own, which sees the service's classes. Such code has the service's rights: it runs
 * only where the operator allows it. Immutable.
 */
public final class JarBackend implements Backend {
  /** System property, {@code true} where such models are allowed; worker processes inherit it. */
  public static final String ALLOWED_PROPERTY = "etalon.models.java";

  private static final String FILE = "model.jar";

  @Override
  public String name() {
    return "java";
  }

  @Override
  public Set<String> platforms() {
    return Set.of();
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of(FILE);
  }

  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public boolean runsCode() {
    return true;
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    if (!Boolean.getBoolean(ALLOWED_PROPERTY)) {
      throw ServingException.invalid(
          "model '%s': a model in Java runs with the rights of the service, which was not started to allow that (expected: --allow-java-models)"
              .formatted(files.model()));
    }
    String name = config.getDefaultModelFilename();
    Path jar = files.file(name.isEmpty() ? FILE : name);
    checkReadable(jar);
    URLClassLoader loader =
        new URLClassLoader(new URL[] {url(jar)}, JarBackend.class.getClassLoader());
    try {
      Backend backend = only(loader, jar);
      return new JarModel(backend, backend.load(files, config), loader);
    } catch (RuntimeException | LinkageError e) {
      JarModel.close(loader);
      throw e instanceof ServingException refusal
          ? refusal
          : ServingException.internal("%s cannot be loaded: %s".formatted(jar, e), e);
    }
  }

  private static void checkReadable(Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw ServingException.invalid("there is no %s (expected: a model in Java)".formatted(jar));
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      if (zip.getEntry("META-INF/services/" + Backend.class.getName()) == null) {
        throw ServingException.invalid(
            "%s names no backend (expected: one class in META-INF/services/%s)"
                .formatted(jar, Backend.class.getName()));
      }
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT, "%s is no jar: %s".formatted(jar, e.getMessage()), e);
    }
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The one that the jar names; those of the service are not its own. */
  private static Backend only(URLClassLoader loader, Path jar) {
    try {
      List<ServiceLoader.Provider<Backend>> named =
          ServiceLoader.load(Backend.class, loader).stream()
              .filter(provider -> loader.equals(provider.type().getClassLoader()))
              .toList();
      if (named.size() != 1) {
        throw ServingException.invalid(
            "%s names %d backends (expected: 1)".formatted(jar, named.size()));
      }
      return named.getFirst().get();
    } catch (ServiceConfigurationError e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT, "%s: %s".formatted(jar, e.getMessage()), e);
    }
  }
}
