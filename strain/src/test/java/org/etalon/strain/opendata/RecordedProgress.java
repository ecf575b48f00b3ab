package org.etalon.strain.opendata;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Keeps what it hears. */
final class RecordedProgress implements ProgressListener {
  final List<String> notices = new ArrayList<>();
  final List<Long> bytes = new ArrayList<>();
  OptionalLong lastTotal = OptionalLong.empty();

  @Override
  public void downloaded(String fileName, long soFar, OptionalLong totalBytes) {
    bytes.add(soFar);
    lastTotal = totalBytes;
  }

  @Override
  public void notice(String words) {
    notices.add(words);
  }
}
