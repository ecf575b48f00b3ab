package org.etalon.strain.source;

import java.nio.file.Path;
import org.etalon.strain.Segment;

/** Told what a live source could not use. Called on the source's thread. */
public interface LiveListener {
  /** No file of this time came; the source goes on after it. */
  void missing(Segment span);

  /** Left out, as reading had fallen too far behind the newest files. */
  void skipped(Segment span);

  /** A file came after its time had been passed over. */
  void late(Path path);

  /** A file cannot be read, and did not become readable within the patience. */
  void unreadable(Path path, String reason);

  /** Ignores all. */
  static LiveListener none() {
    return new LiveListener() {
      @Override
      public void missing(Segment span) {
        // as said
      }

      @Override
      public void skipped(Segment span) {
        // as said
      }

      @Override
      public void late(Path path) {
        // as said
      }

      @Override
      public void unreadable(Path path, String reason) {
        // as said
      }
    };
  }
}
