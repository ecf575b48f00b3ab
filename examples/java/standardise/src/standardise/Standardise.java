package standardise;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;

/** A model in Java: shifts and scales each row to mean 0 and variance 1. */
public final class Standardise implements Backend {
  @Override
  public String name() {
    return "java";
  }

  @Override
  public Set<String> platforms() {
    return Set.of();
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of();
  }

  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    return new Model(config);
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
      MemorySegment y = batch.allocate(0, DataType.FP32, x.shape());
      long samples = x.shape().elementCount() / batch.rows();
      for (int row = 0; row < batch.rows(); row++) {
        standardise(x.data(), y, row * samples, samples);
      }
    }

    private static void standardise(MemorySegment x, MemorySegment y, long first, long samples) {
      double sum = 0;
      double squares = 0;
      for (long i = first; i < first + samples; i++) {
        double value = x.getAtIndex(Tensor.FLOAT, i);
        sum += value;
        squares += value * value;
      }
      double mean = sum / samples;
      double scale = 1 / Math.sqrt(Math.max(squares / samples - mean * mean, Double.MIN_NORMAL));
      for (long i = first; i < first + samples; i++) {
        y.setAtIndex(Tensor.FLOAT, i, (float) ((x.getAtIndex(Tensor.FLOAT, i) - mean) * scale));
      }
    }

    @Override
    public void close() {}
  }
}
