package org.etalon.engine.worker;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.BatchMemory;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** The outputs of a batch in the file that the service reads. Owned by the thread that runs it. */
final class SharedOutputs implements BatchMemory {
  private final SharedFile file;
  private final List<Runnable> onRelease = new ArrayList<>(0);
  private long used;

  SharedOutputs(SharedFile file) {
    this.file = file;
  }

  /** Forgets the batch before, which the service has read. */
  void begin() {
    file.forgetSmaller();
    used = 0;
  }

  @Override
  public MemorySegment allocate(long bytes) {
    long offset = used;
    long size = Math.max(1, bytes);
    try {
      file.grow(offset + size);
    } catch (IOException e) {
      throw new ServingException(ErrorCode.RESOURCE_EXHAUSTED, String.valueOf(e.getMessage()), e);
    }
    used = SharedFile.aligned(offset + size);
    return file.memory().asSlice(offset, bytes);
  }

  @Override
  public void onRelease(Runnable action) {
    onRelease.add(action);
  }

  /** Where an output lies in the file, copied there if the framework has it elsewhere. */
  long offsetOf(MemorySegment data) {
    if (data.byteSize() == 0) {
      return 0;
    }
    return file.offsetOf(data)
        .orElseGet(() -> file.offsetOf(allocate(data.byteSize()).copyFrom(data)).orElseThrow());
  }

  /** All outputs lie in the file: what the framework lent goes back. */
  void release() {
    onRelease.forEach(Runnable::run);
    onRelease.clear();
  }
}
