package org.etalon.engine.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.InstanceLostException;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.worker.Frame.Placed;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.json.MessageJson;
import org.etalon.protocol.json.ModelConfigJson;
import org.etalon.protocol.proto.ModelConfig;

/**
 * A worker process as the service sees it. Used by one thread at a time, but for {@link #end},
 * {@link #hasRunFor} and what tells of the process, which are thread-safe.
 */
final class WorkerProcess implements AutoCloseable {
  /** How long a process that has closed its socket may take to be gone. */
  private static final Duration LAST_BREATH = Duration.ofSeconds(5);

  private static final long IDLE = 0;

  private final String label;
  private final Process process;
  private final WorkerOutput output;
  private final SharedFile inputs;
  private final SharedFile outputs;
  private final Link link;
  private final Duration startLimit;
  private final boolean isForeign;
  private final ModelCalls calls;

  /** Where the batch's inputs end in their file; what other models answer lies behind. */
  private long inputEnd;

  /** What the service did to end it, for the reason that others are told. */
  private volatile String endedBy = "";

  /**
   * When the run that is going on began, by {@link System#nanoTime}; {@link #IDLE} between runs.
   */
  private volatile long runningSince = IDLE;

  private WorkerProcess(
      String label,
      Process process,
      WorkerOutput output,
      Meeting meeting,
      Link link,
      Duration startLimit,
      boolean isForeign,
      ModelCalls calls) {
    this.isForeign = isForeign;
    this.calls = calls;
    this.startLimit = startLimit;
    this.label = label;
    this.process = process;
    this.output = output;
    this.inputs = meeting.inputs();
    this.outputs = meeting.outputs();
    this.link = link;
  }

  /** What a worker says of the model that it has loaded. */
  record Loaded(ModelConfig config, boolean runsInline, List<Device> devices) {
    Loaded {
      devices = List.copyOf(devices);
    }
  }

  /**
   * Starts a process and waits until it has come to the meeting.
   *
   * @param label for messages: {@code model 'm/1': worker process}
   * @param models that it may ask
   * @throws InstanceLostException if it ends or does not come in time
   */
  static WorkerProcess start(
      WorkerCommand command, String label, Duration limit, Optional<InferenceService> models) {
    try (Meeting meeting = Meeting.open()) {
      Process process = launch(command, meeting.folder());
      WorkerOutput output = WorkerOutput.follow(label, process);
      var _ = process.onExit().thenRun(meeting::giveUp);
      CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
          .execute(meeting::giveUp);
      try {
        SocketChannel channel = meeting.await();
        return new WorkerProcess(
            label,
            process,
            output,
            meeting,
            new Link(channel),
            limit,
            command.isForeign(),
            new ModelCalls(models));
      } catch (IOException e) {
        meeting.inputs().close();
        meeting.outputs().close();
        String reason =
            process.isAlive() ? "did not start within %s".formatted(limit) : end(process, output);
        process.destroyForcibly();
        throw new InstanceLostException("%s %s".formatted(label, reason));
      }
    } catch (IOException e) {
      throw new InstanceLostException("%s cannot be started: %s".formatted(label, e.getMessage()));
    }
  }

  private static Process launch(WorkerCommand command, Path folder) throws IOException {
    List<String> program = new ArrayList<>(command.program());
    program.add(folder.toString());
    ProcessBuilder builder = new ProcessBuilder(program).redirectErrorStream(true);
    builder.environment().putAll(command.environment());
    return builder.start();
  }

  /** How a process that is gone ended: {@code ended by signal 11 (...)}. */
  private static String end(Process process, WorkerOutput output) {
    try {
      if (!process.waitFor(LAST_BREATH.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      return output.end(process.exitValue());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "ended";
    }
  }

  /**
   * Has it load a version of a model.
   *
   * @throws ServingException as the backend's {@code load}
   */
  Loaded load(ModelFiles files, ModelConfig config) {
    try {
      link.begin(Frame.Kind.LOAD)
          .putText(files.model())
          .putLong(files.version())
          .putText(files.modelDirectory().toString())
          .putText(files.versionDirectory().toString())
          .putBytes(isForeign ? MessageJson.of(config) : config.toByteArray());
      Frame answer = askInTime(Frame.Kind.LOADED);
      ModelConfig completed = config(files.model(), answer.getBytes());
      boolean runsInline = answer.getByte() != 0;
      List<Device> devices = new ArrayList<>();
      for (int left = answer.getInt(); left > 0; left--) {
        devices.add(answer.getDevice());
      }
      return new Loaded(completed, runsInline, devices);
    } catch (IOException _) {
      throw lost("while it loaded the model");
    }
  }

  private ModelConfig config(String model, byte[] bytes) {
    try {
      return isForeign
          ? ModelConfigJson.parse(model, new String(bytes, StandardCharsets.UTF_8))
          : ModelConfig.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw ServingException.internal(label + " gave no configuration: " + e.getMessage(), e);
    }
  }

  /**
   * Has it open the instance.
   *
   * @throws ServingException as the model's {@code newInstance}
   */
  void open(Device device) {
    try {
      link.begin(Frame.Kind.OPEN).putDevice(device);
      var _ = askInTime(Frame.Kind.OPENED);
    } catch (IOException _) {
      throw lost("while it opened an instance");
    }
  }

  /**
   * Has it run a batch.
   *
   * @throws ServingException as the instance's {@code execute}, or if shared memory runs out
   * @throws InstanceLostException if it ends
   */
  void run(Batch batch) {
    long inputBytes = place(batch.inputs());
    runningSince = System.nanoTime() | 1; // never IDLE
    try {
      tell(batch, inputBytes);
      Frame answer = ask(Frame.Kind.DONE);
      outputs.follow(answer.getLong());
      for (int left = answer.getInt(); left > 0; left--) {
        take(answer.getInt(), answer.getTensor(), batch);
      }
    } catch (IOException _) {
      throw lost("while it ran a batch");
    } finally {
      runningSince = IDLE;
    }
  }

  /** Lays the inputs into the file. */
  private long place(List<Tensor> tensors) {
    long end = 0;
    for (int i = 0; i < tensors.size(); i++) {
      end = SharedFile.aligned(end) + tensors.get(i).data().byteSize();
    }
    try {
      inputs.grow(end);
    } catch (IOException e) {
      throw new ServingException(ErrorCode.RESOURCE_EXHAUSTED, label + ": " + e.getMessage(), e);
    }
    inputs.forgetSmaller();
    inputEnd = end;
    long at = 0;
    for (int i = 0; i < tensors.size(); i++) {
      MemorySegment data = tensors.get(i).data();
      at = SharedFile.aligned(at);
      MemorySegment.copy(data, 0, inputs.memory(), at, data.byteSize());
      at += data.byteSize();
    }
    return inputs.memory().byteSize();
  }

  private void tell(Batch batch, long inputBytes) {
    List<Tensor> tensors = batch.inputs();
    Frame frame =
        link.begin(Frame.Kind.RUN).putInt(batch.rows()).putLong(inputBytes).putInt(tensors.size());
    long at = 0;
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      at = SharedFile.aligned(at);
      long bytes = tensor.data().byteSize();
      frame.putTensor(new Placed(tensor.name(), tensor.datatype(), tensor.shape(), at, bytes));
      at += bytes;
    }
    frame.putInt(batch.outputCount());
    if (isForeign) {
      ForeignBatch.putNames(frame, batch);
    }
    for (int i = 0; i < batch.outputCount(); i++) {
      frame.putByte(batch.isRequested(i) ? 1 : 0);
    }
    if (isForeign) {
      ForeignBatch.putParts(frame, batch.parts());
    }
  }

  private void take(int output, Placed placed, Batch batch) {
    MemorySegment data = outputs.memory().asSlice(placed.offset(), placed.bytes());
    if (placed.datatype() == DataType.BYTES) {
      MemorySegment own = MemorySegment.ofArray(data.toArray(ValueLayout.JAVA_BYTE));
      Tensor strings = new Tensor(placed.name(), placed.datatype(), placed.shape(), own);
      batch.handOver(output, strings, () -> {});
    } else {
      batch.allocate(output, placed.datatype(), placed.shape()).copyFrom(data);
    }
  }

  /** Sends the frame begun and waits for the answer. */
  private Frame ask(Frame.Kind expected) throws IOException {
    link.send();
    Link.Received answer = link.receive();
    while (answer.kind() == Frame.Kind.CALL) {
      calls.answer(answer.frame(), outputs, inputs, inputEnd, link);
      link.send();
      answer = link.receive();
    }
    if (answer.kind() == Frame.Kind.FAILED) {
      ErrorCode code = ErrorCode.valueOf(answer.frame().getText());
      throw new ServingException(code, answer.frame().getText());
    }
    if (answer.kind() != expected) {
      throw new IOException("a frame %s (expected: %s)".formatted(answer.kind(), expected));
    }
    return answer.frame();
  }

  /** The same of what belongs to starting: a process that takes too long is ended. */
  private Frame askInTime(Frame.Kind expected) throws IOException {
    CompletableFuture<Void> alarm =
        CompletableFuture.runAsync(
            () -> end("it was not ready within %s".formatted(startLimit)),
            CompletableFuture.delayedExecutor(startLimit.toMillis(), TimeUnit.MILLISECONDS));
    try {
      return ask(expected);
    } finally {
      alarm.cancel(false);
    }
  }

  private InstanceLostException lost(String when) {
    return new InstanceLostException("%s %s %s".formatted(label, howItEnded(), when));
  }

  /** How it ended; it has. */
  String howItEnded() {
    String how = end(process, output);
    String by = endedBy;
    return by.isEmpty() ? how : "was ended: " + by;
  }

  /** True if a run has been going on for longer than that. */
  boolean hasRunFor(Duration limit) {
    long since = runningSince;
    return since != IDLE && System.nanoTime() - since > limit.toNanos();
  }

  /** Ends it at once. */
  void end(String reason) {
    endedBy = reason;
    process.destroyForcibly();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Runs an action when it has ended, at once if it has already. */
  void onEnd(Runnable action) {
    var _ = process.onExit().thenRunAsync(action);
  }

  /** Has it close instance and model, and end; frees the shared memory. */
  @Override
  public void close() {
    try {
      link.close();
      if (!process.waitFor(LAST_BREATH.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
      inputs.close();
      outputs.close();
    } catch (IOException e) {
      throw ServingException.internal(label + " cannot be closed: " + e.getMessage(), e);
    } catch (InterruptedException _) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
