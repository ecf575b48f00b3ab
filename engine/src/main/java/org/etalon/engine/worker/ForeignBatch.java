package org.etalon.engine.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.BatchPart;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.Sequence;

/** What a program in another language is told of a batch, besides its tensors. */
final class ForeignBatch {
  private static final int BOOL = 0;
  private static final int INTEGER = 1;
  private static final int TEXT = 2;
  private static final int REAL = 3;
  private static final int START = 1;
  private static final int END = 2;

  private ForeignBatch() {}

  /** The outputs' names, which it is asked for by. */
  static void putNames(Frame frame, Batch batch) {
    for (int i = 0; i < batch.outputCount(); i++) {
      frame.putText(batch.outputName(i));
    }
  }

  /** Of each request its rows, id, sequence, time limit in microseconds and parameters. */
  static void putParts(Frame frame, List<? extends BatchPart> parts) {
    frame.putInt(parts.size());
    for (BatchPart part : parts) {
      InferenceRequest request = part.request();
      frame.putInt(part.rows()).putText(request.id().orElse(""));
      putSequence(frame, request.sequence());
      frame.putLong(request.queueTimeout().map(ForeignBatch::micros).orElse(0L));
      putParameters(frame, request.parameters());
    }
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }

  private static void putSequence(Frame frame, Optional<Sequence> sequence) {
    if (sequence.isEmpty()) {
      frame.putByte(0).putLong(0).putByte(0);
      return;
    }
    switch (sequence.get().id()) {
      case Sequence.Id.Number number -> frame.putByte(0).putLong(number.value());
      case Sequence.Id.Text text -> frame.putByte(1).putText(text.value());
    }
    frame.putByte((sequence.get().isStart() ? START : 0) | (sequence.get().isEnd() ? END : 0));
  }

  private static void putParameters(Frame frame, Map<String, Parameter> parameters) {
    frame.putInt(parameters.size());
    parameters.forEach((name, value) -> {
      frame.putText(name);
      switch (value) {
        case Parameter.Bool(boolean bool) -> frame.putByte(BOOL).putByte(bool ? 1 : 0);
        case Parameter.Int64(long number) -> frame.putByte(INTEGER).putLong(number);
        case Parameter.Uint64(long number) -> frame.putByte(INTEGER).putLong(number);
        case Parameter.Text(String text) -> frame.putByte(TEXT).putText(text);
        case Parameter.Real(double number) -> frame.putByte(REAL).putDouble(number);
      }
    });
  }
}
