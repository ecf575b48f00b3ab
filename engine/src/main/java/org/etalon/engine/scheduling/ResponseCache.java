package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Answers that were given, for requests that ask the same again: those used last, as many as fit in
 * a number of bytes. Thread-safe, guarded by itself.
 */
public final class ResponseCache {
  /** What an answer takes beside its tensors' data, about. */
  private static final long ENTRY_BYTES = 256;

  private static final long TENSOR_BYTES = 128;

  private final long maxBytes;
  private final Map<Key, Answer> answers = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private long nextOwner;

  /**
   * @param maxBytes of all answers together
   */
  public ResponseCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * What was asked.
   *
   * @param owner the version that answers, by {@link #newOwner}
   * @param first the first eight bytes of a digest of the inputs, wide enough that no two differ
   *     and agree in it
   */
  record Key(long owner, long first, long second, long third, long fourth) {}

  private record Answer(List<Tensor> outputs, long bytes) {}

  /** A number for a version, which no other has had. */
  synchronized long newOwner() {
    return nextOwner++;
  }

  /** The outputs that were kept, on the heap; null if there are none. */
  synchronized @Nullable List<Tensor> find(Key key) {
    Answer answer = answers.get(key);
    return answer == null ? null : answer.outputs;
  }

  /** Copies outputs and keeps them, if they fit at all. */
  void keep(Key key, List<Tensor> outputs) {
    long size = ENTRY_BYTES;
    for (Tensor output : outputs) {
      size += TENSOR_BYTES + output.data().byteSize();
    }
    if (size > maxBytes || size > Integer.MAX_VALUE) {
      return;
    }
    Answer answer = new Answer(copy(outputs), size);
    synchronized (this) {
      Answer earlier = answers.put(key, answer);
      bytes += size - (earlier == null ? 0 : earlier.bytes);
      for (Iterator<Answer> oldest = answers.values().iterator(); bytes > maxBytes; ) {
        bytes -= oldest.next().bytes;
        oldest.remove();
      }
    }
  }

  private static List<Tensor> copy(List<Tensor> outputs) {
    List<Tensor> copies = new ArrayList<>(outputs.size());
    for (Tensor output : outputs) {
      MemorySegment data =
          MemorySegment.ofArray(new byte[Math.toIntExact(output.data().byteSize())]);
      data.copyFrom(output.data());
      copies.add(new Tensor(output.name(), output.datatype(), output.shape(), data.asReadOnly()));
    }
    return List.copyOf(copies);
  }

  /** Forgets the answers of a version that has ended. */
  synchronized void forget(long owner) {
    for (var entries = answers.entrySet().iterator(); entries.hasNext(); ) {
      var entry = entries.next();
      if (entry.getKey().owner == owner) {
        bytes -= entry.getValue().bytes;
        entries.remove();
      }
    }
  }

  /** What all answers take now. */
  synchronized long bytes() {
    return bytes;
  }
}
