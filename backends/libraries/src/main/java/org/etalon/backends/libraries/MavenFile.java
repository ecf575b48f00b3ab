package org.etalon.backends.libraries;

/**
 * A file of a Maven repository.
 *
 * @param path inside the repository, such as {@code org/example/lib/1.0/lib-1.0.jar}
 * @param bytes its size
 * @param sha256 of its content, in lower-case hexadecimal digits
 */
public record MavenFile(String path, long bytes, String sha256) implements PinnedFile {
  /** The file of an artifact with a classifier. */
  public static MavenFile of(
      String groupPath, String artifact, String version, String classifier, Content content) {
    String name = "%s-%s-%s.jar".formatted(artifact, version, classifier);
    return at(groupPath, artifact, version, name, content);
  }

  /** The main file of an artifact. */
  public static MavenFile of(String groupPath, String artifact, String version, Content content) {
    return at(groupPath, artifact, version, "%s-%s.jar".formatted(artifact, version), content);
  }

  private static MavenFile at(
      String groupPath, String artifact, String version, String name, Content content) {
    return new MavenFile(
        "%s/%s/%s/%s".formatted(groupPath, artifact, version, name), content.bytes, content.sha256);
  }

  /** What a file must hold. */
  public record Content(long bytes, String sha256) {}

  /** The last part of the path. */
  @Override
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
