package org.etalon.engine.worker;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.etalon.engine.worker.Frame.Placed;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;

/**
 * Asks other models for a worker process while that runs a batch, whose thread waits. Immutable.
 *
 * @param models empty: there are none to ask
 */
record ModelCalls(Optional<InferenceService> models) {
  private static final int START = 1;
  private static final int END = 2;

  /**
   * Prepares the answer to a call: {@code CALLED} or {@code FAILED}.
   *
   * @param outputs where the worker has laid the request's inputs
   * @param inputs where the answer goes
   * @param free where there is room in it
   */
  void answer(Frame call, SharedFile outputs, SharedFile inputs, long free, Link link)
      throws IOException {
    try {
      InferenceRequest request = request(call, outputs);
      try (InferenceResponse response = ask(request)) {
        place(response.outputs(), inputs, free, link);
      }
    } catch (ServingException e) {
      link.begin(Frame.Kind.FAILED).putText(e.code().name()).putText(message(e));
    }
  }

  private static String message(ServingException e) {
    return String.valueOf(e.getMessage());
  }

  private InferenceResponse ask(InferenceRequest request) {
    InferenceService service =
        models.orElseThrow(() -> ServingException.unavailable("there are no models to be asked"));
    try {
      return service.infer(request).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof ServingException cause
          ? cause
          : ServingException.internal(String.valueOf(e.getCause()), e);
    }
  }

  private static InferenceRequest request(Frame call, SharedFile outputs) throws IOException {
    String name = call.getText();
    long version = call.getLong();
    if (name.isEmpty()) {
      throw ServingException.invalid("a request to no model (expected: model_name)");
    }
    var request =
        InferenceRequest.to(version < 0 ? ModelId.of(name) : ModelId.of(name, version))
            .id(call.getText());
    Optional<Sequence.Id> id = sequenceId(call);
    int flags = call.getByte();
    id.ifPresent(sequence ->
        request.sequence(new Sequence(sequence, (flags & START) != 0, (flags & END) != 0)));
    outputs.follow(call.getLong());
    for (int left = call.getInt(); left > 0; left--) {
      request.input(tensor(call.getTensor(), outputs));
    }
    for (int left = call.getInt(); left > 0; left--) {
      request.output(RequestedOutput.of(call.getText()));
    }
    return request.build();
  }

  private static Optional<Sequence.Id> sequenceId(Frame call) {
    if (call.getByte() != 0) {
      String text = call.getText();
      return text.isEmpty() ? Optional.empty() : Optional.of(new Sequence.Id.Text(text));
    }
    long number = call.getLong();
    return number == 0 ? Optional.empty() : Optional.of(new Sequence.Id.Number(number));
  }

  private static Tensor tensor(Placed placed, SharedFile outputs) {
    MemorySegment data =
        placed.bytes() == 0
            ? MemorySegment.NULL
            : outputs.memory().asSlice(placed.offset(), placed.bytes());
    return new Tensor(placed.name(), placed.datatype(), placed.shape(), data);
  }

  private static void place(List<Tensor> tensors, SharedFile inputs, long free, Link link) {
    List<Placed> placed = new ArrayList<>();
    long at = free;
    for (Tensor tensor : tensors) {
      at = SharedFile.aligned(at);
      long bytes = tensor.data().byteSize();
      placed.add(new Placed(tensor.name(), tensor.datatype(), tensor.shape(), at, bytes));
      at += bytes;
    }
    try {
      inputs.grow(at);
    } catch (IOException e) {
      throw new ServingException(ErrorCode.RESOURCE_EXHAUSTED, String.valueOf(e.getMessage()), e);
    }
    Frame answer =
        link.begin(Frame.Kind.CALLED).putLong(inputs.memory().byteSize()).putInt(placed.size());
    for (int i = 0; i < placed.size(); i++) {
      Placed place = placed.get(i);
      MemorySegment data = tensors.get(i).data();
      MemorySegment.copy(data, 0, inputs.memory(), place.offset(), place.bytes());
      answer.putTensor(place);
    }
  }
}
