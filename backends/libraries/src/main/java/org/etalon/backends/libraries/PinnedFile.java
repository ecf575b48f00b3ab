package org.etalon.backends.libraries;

/** An archive of which it is known what it holds. */
public sealed interface PinnedFile permits MavenFile, PythonWheel {
  /** Its file name. */
  String name();

  /** Its size. */
  long bytes();

  /** Of its content, in lower-case hexadecimal digits. */
  String sha256();
}
