package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.conversion.caffe2.NetDef.Argument;
import org.etalon.conversion.caffe2.NetDef.Operator;
import org.etalon.conversion.onnx.OnnxGraph;
import org.etalon.conversion.onnx.OnnxInput;
import org.etalon.conversion.onnx.OnnxModel;
import org.etalon.conversion.onnx.OnnxWriter;

/** A network of Caffe2 as an ONNX model. */
public final class Caffe2Import {
  /** The last version whose Softmax takes several axes as one, as Caffe2's does. */
  private static final int OPSET = 12;

  private final NetDef init;
  private final NetDef predict;
  private final Map<String, OnnxInput> inputs;
  private final Set<String> weights;

  private Caffe2Import(NetDef init, NetDef predict, Map<String, OnnxInput> inputs) {
    this.init = init;
    this.predict = predict;
    this.inputs = inputs;
    this.weights = written(init);
    this.weights.removeAll(inputs.keySet());
  }

  /**
   * @param init {@code init_net.pb}: the weights
   * @param predict {@code predict_net.pb}: the network
   * @param inputs what requests bring, by blob; the net does not say of which shape it is
   * @throws IOException if a file is damaged, or the network does what ONNX cannot; the message
   *     names file, operator and blob
   */
  public static OnnxModel convert(Path init, Path predict, Map<String, OnnxInput> inputs)
      throws IOException {
    return new Caffe2Import(NetReader.read(init), NetReader.read(predict), inputs).convert(predict);
  }

  private OnnxModel convert(Path file) throws IOException {
    try {
      requireKnownOperators();
      requireInputs();
      OnnxGraph graph = graph();
      boolean isBatched =
          inputs.values().stream().allMatch(OnnxInput::isFirstFree)
              && operators(predict).stream()
                  .noneMatch(each -> each.type().equals("RecurrentNetwork"));
      return new OnnxModel(OnnxWriter.write(graph, OPSET), inputs, isBatched);
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private void requireKnownOperators() throws IOException {
    NavigableSet<String> unknown = new TreeSet<>();
    for (NetDef net : List.of(init, predict)) {
      operators(net).stream().map(Operator::type).forEach(unknown::add);
    }
    unknown.removeAll(Rules.ALL.keySet());
    if (!unknown.isEmpty()) {
      throw new IOException(
          "operators %s are not known (known: %s)"
              .formatted(unknown, String.join(", ", Rules.ALL.keySet())));
    }
  }

  /** With those of nets within. */
  private static List<Operator> operators(NetDef net) {
    List<Operator> all = new ArrayList<>();
    for (Operator operator : net.operators()) {
      all.add(operator);
      operator
          .argument("step_net")
          .flatMap(Argument::net)
          .ifPresent(inner -> all.addAll(operators(inner)));
    }
    return all;
  }

  private void requireInputs() throws IOException {
    Set<String> read = readFromOutside();
    Set<String> missing = new LinkedHashSet<>(read);
    missing.removeAll(weights);
    missing.removeAll(inputs.keySet());
    if (!missing.isEmpty()) {
      throw new IOException(
          "blobs %s come with requests, and the net does not say in which shape (expected: --input %s=-1,... for each, -1 where any extent will do)"
              .formatted(missing, missing.iterator().next()));
    }
    for (String given : inputs.keySet()) {
      if (!read.contains(given)) {
        throw new IOException(
            "--input %s: no operator reads such a blob from outside (expected: of %s)"
                .formatted(given, read));
      }
    }
  }

  /** Blobs that are read before any operator of the network has written them. */
  private Set<String> readFromOutside() {
    Set<String> known = new HashSet<>();
    Set<String> read = new LinkedHashSet<>();
    for (Operator operator : predict.operators()) {
      operator.inputs().stream().filter(blob -> !known.contains(blob)).forEach(read::add);
      known.addAll(operator.outputs());
    }
    return read;
  }

  private static Set<String> written(NetDef net) {
    Set<String> blobs = new LinkedHashSet<>();
    net.operators().forEach(operator -> blobs.addAll(operator.outputs()));
    return blobs;
  }

  private OnnxGraph graph() throws IOException {
    List<String> outputs = outputs();
    Set<String> reserved = new HashSet<>(inputs.keySet());
    reserved.addAll(outputs);
    OnnxGraph graph = new OnnxGraph(predict.name().isEmpty() ? "caffe2" : predict.name());
    Translation translation = Translation.of(graph, reserved);
    for (Operator operator : init.operators()) {
      if (operator.outputs().stream().anyMatch(weights::contains)) {
        translation.translate(operator);
      }
    }
    for (var input : inputs.entrySet()) {
      OnnxInput given = input.getValue();
      graph.input(input.getKey(), given.type(), given.dims());
      translation.bind(
          input.getKey(), Value.computed(input.getKey(), given.type(), given.dims().size()));
    }
    for (Operator operator : predict.operators()) {
      translation.translate(operator);
    }
    for (String output : outputs) {
      finish(graph, translation, output);
    }
    return graph;
  }

  /** Those that the net names, or else what is written last and never read. */
  private List<String> outputs() throws IOException {
    if (!predict.outputs().isEmpty()) {
      return predict.outputs();
    }
    Set<String> unread = written(predict);
    predict.operators().forEach(operator -> operator.inputs().forEach(unread::remove));
    if (unread.isEmpty()) {
      throw new IOException("the net has no external_output, and every blob is read again");
    }
    return List.copyOf(unread);
  }

  private static void finish(OnnxGraph graph, Translation translation, String output)
      throws IOException {
    Value value =
        Optional.ofNullable(translation.value(output))
            .orElseThrow(
                () -> new IOException("external_output '%s' is never written".formatted(output)));
    if (graph.hasInput(output)) {
      throw new IOException(
          "blob '%s' is input and output of the net (expected: a name of its own each)"
              .formatted(output));
    }
    graph.node("Identity", List.of(translation.read(value)), List.of(output));
    graph.output(output, value.type());
  }
}
