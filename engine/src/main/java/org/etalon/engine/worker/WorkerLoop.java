package org.etalon.engine.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.worker.Frame.Placed;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;
import org.jspecify.annotations.Nullable;

/** What a worker process does: loads, opens an instance, runs batches. Owned by one thread. */
final class WorkerLoop implements AutoCloseable {
  private final Backend backend;
  private final Link link;
  private final SharedFile inputs;
  private final SharedFile outputs;
  private final SharedOutputs memory;
  private List<String> outputNames = List.of();
  private @Nullable BackendModel model;
  private @Nullable ModelInstance instance;

  WorkerLoop(Backend backend, Link link, SharedFile inputs, SharedFile outputs) {
    this.backend = backend;
    this.link = link;
    this.inputs = inputs;
    this.outputs = outputs;
    this.memory = new SharedOutputs(outputs);
  }

  /** Until the service has closed its end. */
  void run() throws IOException {
    while (true) {
      Link.Received received;
      try {
        received = link.receive();
      } catch (EOFException _) {
        return;
      }
      try {
        answer(received);
      } catch (ServingException e) {
        fail(e.code(), String.valueOf(e.getMessage()));
      } catch (OutOfMemoryError e) {
        fail(
            ErrorCode.RESOURCE_EXHAUSTED, "out of memory in the worker process: " + e.getMessage());
      } catch (RuntimeException | LinkageError e) {
        fail(ErrorCode.INTERNAL, e.toString());
      } finally {
        memory.release();
      }
      link.send();
    }
  }

  private void fail(ErrorCode code, String message) {
    link.begin(Frame.Kind.FAILED).putText(code.name()).putText(message);
  }

  private void answer(Link.Received received) throws IOException {
    switch (received.kind()) {
      case LOAD -> load(received.frame());
      case OPEN -> open(received.frame());
      case RUN -> execute(received.frame());
      case LOADED, OPENED, DONE, FAILED, CALL, CALLED ->
          throw new IOException("the service sent a frame of kind " + received.kind());
    }
  }

  private void load(Frame frame) throws InvalidProtocolBufferException {
    ModelFiles files =
        new ModelFiles(
            frame.getText(), frame.getLong(), Path.of(frame.getText()), Path.of(frame.getText()));
    BackendModel loaded = backend.load(files, ModelConfig.parseFrom(frame.getBytes()));
    model = loaded;
    List<Device> devices = backend.devices();
    Frame answer =
        link.begin(Frame.Kind.LOADED)
            .putBytes(loaded.config().toByteArray())
            .putByte(loaded.runsInline() ? 1 : 0)
            .putInt(devices.size());
    devices.forEach(answer::putDevice);
  }

  /** The configuration may have been completed further, by the engine. */
  private void open(Frame frame) throws InvalidProtocolBufferException {
    if (model == null) {
      throw new IllegalStateException("nothing is loaded");
    }
    instance = model.newInstance(frame.getDevice());
    outputNames = BatchOutputs.of(model.config()).stream().map(ModelOutput::getName).toList();
    link.begin(Frame.Kind.OPENED);
  }

  private void execute(Frame frame) throws IOException {
    if (instance == null) {
      throw new IllegalStateException("no instance is open");
    }
    int rows = frame.getInt();
    inputs.follow(frame.getLong());
    List<Tensor> tensors = new ArrayList<>();
    for (int left = frame.getInt(); left > 0; left--) {
      tensors.add(tensor(frame.getTensor()));
    }
    boolean[] requested = new boolean[frame.getInt()];
    for (int i = 0; i < requested.length; i++) {
      requested[i] = frame.getByte() != 0;
    }
    memory.begin();
    Batch batch = new Batch(rows, tensors, outputNames, requested, memory);
    instance.execute(batch);
    tellOutputs(batch);
  }

  private Tensor tensor(Placed placed) {
    MemorySegment data =
        placed.bytes() == 0
            ? MemorySegment.NULL
            : inputs.memory().asSlice(placed.offset(), placed.bytes());
    return new Tensor(placed.name(), placed.datatype(), placed.shape(), data);
  }

  private void tellOutputs(Batch batch) {
    int given = 0;
    long[] offsets = new long[batch.outputCount()];
    for (int i = 0; i < offsets.length; i++) {
      Tensor output = batch.output(i);
      if (output != null) {
        given++;
        offsets[i] = memory.offsetOf(output.data());
      }
    }
    Frame answer = link.begin(Frame.Kind.DONE).putLong(outputs.memory().byteSize()).putInt(given);
    for (int i = 0; i < offsets.length; i++) {
      Tensor output = batch.output(i);
      if (output != null) {
        answer
            .putInt(i)
            .putTensor(
                new Placed(
                    output.name(),
                    output.datatype(),
                    output.shape(),
                    offsets[i],
                    output.data().byteSize()));
      }
    }
  }

  @Override
  public void close() {
    if (instance != null) {
      instance.close();
    }
    if (model != null) {
      model.close();
    }
  }
}
