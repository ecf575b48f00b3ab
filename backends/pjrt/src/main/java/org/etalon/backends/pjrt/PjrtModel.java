package org.etalon.backends.pjrt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * A loaded version: its programs by batch size. Thread-safe. All instances share the programs,
 * which PJRT lets several threads run at the same time.
 */
final class PjrtModel implements BackendModel {
  private final ModelLabel label;
  private final ModelConfig config;
  private final NavigableMap<Integer, Program> programs;
  private final List<Port> inputs;
  private final List<Port> outputs;

  /**
   * A tensor of the configuration, in the place of the program's argument or result.
   *
   * @param dims without the batch; all fixed
   */
  record Port(String name, DataType datatype, Shape dims) {
    Shape shape(int rows, boolean hasBatch) {
      return hasBatch ? dims.prepend(rows) : dims;
    }
  }

  private PjrtModel(
      ModelLabel label,
      ModelConfig config,
      NavigableMap<Integer, Program> programs,
      List<Port> inputs,
      List<Port> outputs) {
    this.label = label;
    this.config = config;
    this.programs = Collections.unmodifiableNavigableMap(programs);
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if a file is no program, or not
   *     the one that the configuration describes
   */
  static PjrtModel load(
      PjrtClient client, ProgramFiles files, ModelConfig config, ModelLabel label) {
    List<Port> inputs = new ArrayList<>();
    List<Port> outputs = new ArrayList<>();
    for (ModelInput input : config.getInputList()) {
      List<Long> dims =
          input.hasReshape() ? input.getReshape().getShapeList() : input.getDimsList();
      inputs.add(port(label, "input", input.getName(), input.getDataType(), dims));
    }
    for (ModelOutput output : BatchOutputs.of(config)) {
      List<Long> dims =
          output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList();
      outputs.add(port(label, "output", output.getName(), output.getDataType(), dims));
    }
    if (outputs.isEmpty()) {
      throw label.invalid(
          "config.pbtxt describes no outputs (expected: every input and output, as StableHLO has no names)");
    }
    NavigableMap<Integer, Program> programs = new TreeMap<>();
    PjrtModel model = new PjrtModel(label, config, programs, inputs, outputs);
    try {
      for (Map.Entry<Integer, Path> file : files.byRows().entrySet()) {
        programs.put(file.getKey(), compile(client, file.getValue(), label));
        model.check(file.getKey(), file.getValue());
      }
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static Port port(
      ModelLabel label,
      String what,
      String name,
      org.etalon.protocol.proto.DataType type,
      List<Long> dims) {
    String text = type.name().replaceFirst("TYPE_", "");
    if (dims.stream().anyMatch(dim -> dim < 1)) {
      throw label.invalid(
          "%s '%s': dims %s (expected: fixed ones, as a program's shapes are)"
              .formatted(what, name, dims));
    }
    try {
      DataType datatype = DataType.valueOf(text);
      return new Port(name, datatype, Shape.of(dims.stream().mapToLong(Long::longValue).toArray()));
    } catch (IllegalArgumentException e) {
      throw label.invalid(
          "%s '%s': data_type %s (expected: one of numbers or BOOL)".formatted(what, name, type));
    }
  }

  private static Program compile(PjrtClient client, Path file, ModelLabel label) {
    String name = file.getFileName().toString();
    try {
      return Program.compile(client, Files.readAllBytes(file));
    } catch (PjrtException e) {
      throw label.notLoaded(name, e);
    } catch (IOException e) {
      throw label.invalid("%s cannot be read: %s".formatted(name, e.getMessage()));
    }
  }

  /** What a program says of its results, and by running it once, of its arguments. */
  private void check(int rows, Path file) {
    Program program = program(rows);
    List<Program.Result> results = program.results();
    boolean isDescribed = results.size() == outputs.size();
    for (int i = 0; isDescribed && i < outputs.size(); i++) {
      Port output = outputs.get(i);
      isDescribed =
          results.get(i).type() == ElementType.number(output.datatype())
              && results.get(i).shape().equals(output.shape(rows, hasBatch()));
    }
    if (!isDescribed) {
      throw label.invalid(
          "%s has the outputs %s (expected: %s, as the configuration says)"
              .formatted(
                  file.getFileName(),
                  results.stream()
                      .map(result -> ElementType.text(result.type()) + " " + result.shape())
                      .toList(),
                  outputs.stream()
                      .map(output -> output.datatype() + " " + output.shape(rows, hasBatch()))
                      .toList()));
    }
    try (PjrtInstance trial = new PjrtInstance(this)) {
      trial.runZeros(rows);
    } catch (PjrtException e) {
      throw label.invalid(
          "%s does not take the inputs %s that the configuration says: %s"
              .formatted(
                  file.getFileName(),
                  inputs.stream()
                      .map(input -> input.datatype() + " " + input.shape(rows, hasBatch()))
                      .toList(),
                  e.getMessage()));
    }
  }

  ModelLabel label() {
    return label;
  }

  List<Port> inputs() {
    return inputs;
  }

  List<Port> outputs() {
    return outputs;
  }

  boolean hasBatch() {
    return config.getMaxBatchSize() > 0;
  }

  /** The batch size of the smallest program that has room for so many rows. */
  int size(int rows) {
    Integer size = programs.ceilingKey(rows);
    if (size == null) {
      throw label.invalid(
          "%d rows (expected: %d at most, the largest program's)"
              .formatted(rows, programs.lastKey()));
    }
    return size;
  }

  Program program(int size) {
    return java.util.Objects.requireNonNull(programs.get(size), "program");
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public ModelInstance newInstance(Device device) {
    if (!device.equals(Device.CPU)) {
      throw label.invalid("there is no device %s (available: %s)".formatted(device, Device.CPU));
    }
    return new PjrtInstance(this);
  }

  @Override
  public void close() {
    programs.values().forEach(Program::close);
  }
}
