package org.etalon.engine.worker;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * Adds 1, and does to its process what an input's or its file's number says, as a framework's bugs
 * would: {@code model.troubled} holds what happens at load. Made by its name in worker processes.
 */
public final class TroubledBackend implements Backend {
  public static final float CRASH = -1;
  public static final float HANG = -2;
  public static final float RUN_OUT_OF_MEMORY = -3;
  public static final float EXIT = -4;
  public static final float REFUSE = -5;
  public static final float EAT_MEMORY = -6;

  /** More than any test allows, less than any machine has. */
  private static final int EATEN_PIECES = 16;

  private static final long EATEN_PIECE = 64 << 20;

  @Override
  public String name() {
    return "troubled";
  }

  @Override
  public Set<String> platforms() {
    return Set.of("troubled_model");
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of("model.troubled");
  }

  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    try {
      String trouble = Files.readString(files.file("model.troubled")).strip();
      if (!trouble.isEmpty()) {
        cause(Float.parseFloat(trouble));
      }
    } catch (IOException e) {
      throw ServingException.invalid("model.troubled: " + e);
    }
    ModelConfig completed =
        config.toBuilder()
            .clearInput()
            .clearOutput()
            .addInput(
                ModelInput.newBuilder()
                    .setName("x")
                    .setDataType(org.etalon.protocol.proto.DataType.TYPE_FP32)
                    .addDims(-1))
            .addOutput(
                ModelOutput.newBuilder()
                    .setName("y")
                    .setDataType(org.etalon.protocol.proto.DataType.TYPE_FP32)
                    .addDims(-1))
            .build();
    return new Model(completed);
  }

  /** Does what a number says; nothing for 0 and more. */
  static void cause(float trouble) {
    if (trouble == CRASH) {
      crash();
    } else if (trouble == HANG) {
      while (true) {
        LockSupport.park();
      }
    } else if (trouble == RUN_OUT_OF_MEMORY) {
      long[][] all = new long[1 << 20][];
      for (int i = 0; i < all.length; i++) {
        all[i] = new long[1 << 28];
      }
    } else if (trouble == EAT_MEMORY) {
      for (int i = 0; i < EATEN_PIECES; i++) {
        Arena.global().allocate(EATEN_PIECE).fill((byte) 1);
      }
      cause(HANG);
    } else if (trouble == EXIT) {
      Runtime.getRuntime().halt(3);
    } else if (trouble == REFUSE) {
      throw ServingException.invalid("refused, as ordered");
    }
  }

  /** Reads where nothing is, in C. */
  private static void crash() {
    Linker linker = Linker.nativeLinker();
    try {
      long _ =
          (long)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("strlen"),
                      FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS))
                  .invokeExact(MemorySegment.ofAddress(8));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private record Model(ModelConfig config) implements BackendModel {
    @Override
    public ModelInstance newInstance(Device device) {
      return new Instance();
    }

    @Override
    public void close() {}
  }

  private static final class Instance implements ModelInstance {
    @Override
    public void execute(Batch batch) {
      Tensor x = batch.inputs().getFirst();
      Shape shape = x.shape();
      MemorySegment y = batch.allocate(0, DataType.FP32, shape);
      for (long i = 0; i < shape.elementCount(); i++) {
        float value = x.data().get(Tensor.FLOAT, i * Float.BYTES);
        cause(value);
        y.set(Tensor.FLOAT, i * Float.BYTES, value + 1);
      }
    }

    @Override
    public void close() {}
  }
}
