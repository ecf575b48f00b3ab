package org.etalon.backends.libraries;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of a Python package index.
 *
 * @param project as the index spells it, such as {@code lammps-jax-pjrt-cpu}
 * @param name of the file, ending in {@code .whl}
 * @param bytes its size
 * @param sha256 of its content, in lower-case hexadecimal digits
 */
public record PythonWheel(String project, String name, long bytes, String sha256)
    implements PinnedFile {
  private static final Pattern LINK = Pattern.compile("href\\s*=\\s*[\"']([^\"'#]+)");

  /** Where an index lists the project's files. */
  URI page(URI index) {
    String base = index.toString();
    return URI.create((base.endsWith("/") ? base : base + "/") + project + "/");
  }

  /**
   * Where a page of the simple repository interface (PEP 503) says that the file is.
   *
   * @param page its address
   */
  Optional<URI> link(URI page, String html) {
    Matcher links = LINK.matcher(html);
    while (links.find()) {
      String link = links.group(1);
      if (link.equals(name) || link.endsWith("/" + name)) {
        return Optional.of(page.resolve(link));
      }
    }
    return Optional.empty();
  }
}
