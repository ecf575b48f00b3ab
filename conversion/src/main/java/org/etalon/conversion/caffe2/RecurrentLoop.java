package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.etalon.conversion.caffe2.NetDef.Argument;
import org.etalon.conversion.caffe2.NetDef.Operator;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;
import org.etalon.conversion.onnx.OnnxGraph;
import org.etalon.conversion.onnx.OnnxTensor;

/**
 * A {@code RecurrentNetwork} as ONNX's {@code Scan}.
 *
 * <p>Caffe2 keeps each state in a blob of T + 1 steps, the first of which is the initial one; links
 * say which blob of the step's net is which step of a state (offset 0: before, 1: after) or of an
 * input; aliases say which outputs are which steps of a state (offset 1: all, -1: the last).
 * Everything is laid out as (time, batch, features), and a step sees a time of extent 1.
 */
final class RecurrentLoop {
  private final Step step;
  private final Map<String, State> states = new LinkedHashMap<>();
  private final List<Link> inputs = new ArrayList<>();

  /** A state: blobs of the step's net that hold it before and after. */
  private static final class State {
    private final int initialInput;
    private String before = "";
    private String after = "";
    private String last = "";
    private String all = "";

    State(int initialInput) {
      this.initialInput = initialInput;
    }
  }

  private record Link(String internal, String external, long offset) {}

  private record Alias(String source, String target, long offset) {}

  RecurrentLoop(Step step) {
    this.step = step;
  }

  void translate() throws IOException {
    readStates();
    for (Link link : links()) {
      take(link);
    }
    for (State state : states.values()) {
      if (state.before.isEmpty() || state.after.isEmpty()) {
        throw step.refuse(
            "a state is not linked to the step's net before and after (links: %s)"
                .formatted(links()));
      }
    }
    String time = step.text("timestep", "timestep");
    OnnxGraph body = new OnnxGraph(step.fresh());
    Translation inside = step.translation().body(body);
    String timeIn = bindInputs(body, inside, time);
    for (Operator operator : net().operators()) {
      inside.translate(operator);
    }
    bindOutputs(body, inside, timeIn);
    scan(body);
    for (Alias alias : aliases()) {
      publish(alias);
    }
  }

  private NetDef net() throws IOException {
    return step.operator()
        .argument("step_net")
        .flatMap(Argument::net)
        .orElseThrow(() -> step.refuse("has no step_net as a net (expected: argument step_net)"));
  }

  private void readStates() throws IOException {
    List<String> names = step.texts("recurrent_states");
    List<Long> initial = step.wholes("initial_recurrent_state_ids");
    if (names.isEmpty() || names.size() != initial.size()) {
      throw step.refuse(
          "recurrent_states %s with initial_recurrent_state_ids %s (expected: one each)"
              .formatted(names, initial));
    }
    for (int i = 0; i < names.size(); i++) {
      states.put(names.get(i), new State(Math.toIntExact(initial.get(i))));
    }
  }

  private List<Link> links() throws IOException {
    List<String> internal = step.texts("link_internal");
    List<String> external = step.texts("link_external");
    List<Long> offsets = step.wholes("link_offset");
    if (internal.size() != external.size() || internal.size() != offsets.size()) {
      throw step.refuse("link_internal, link_external and link_offset differ in length");
    }
    if (step.wholes("link_window").stream().anyMatch(window -> window != 1)) {
      throw step.refuse("link_window: %s (expected: 1)".formatted(step.wholes("link_window")));
    }
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < internal.size(); i++) {
      links.add(new Link(internal.get(i), external.get(i), offsets.get(i)));
    }
    return links;
  }

  private void take(Link link) throws IOException {
    State state = states.get(link.external());
    if (state != null && link.offset() == 0) {
      state.before = link.internal();
    } else if (state != null && link.offset() == 1) {
      state.after = link.internal();
    } else if (state == null
        && link.offset() == 0
        && step.operator().inputs().contains(link.external())) {
      inputs.add(link);
    } else {
      throw step.refuse(
          "link of '%s' to '%s' at offset %d (expected: a state at 0 or 1, or an input at 0)"
              .formatted(link.internal(), link.external(), link.offset()));
    }
  }

  private List<Alias> aliases() throws IOException {
    List<String> sources = step.texts("alias_src");
    List<String> targets = step.texts("alias_dst");
    List<Long> offsets = step.wholes("alias_offset");
    if (sources.size() != targets.size() || sources.size() != offsets.size()) {
      throw step.refuse("alias_src, alias_dst and alias_offset differ in length");
    }
    List<Alias> aliases = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      aliases.add(new Alias(sources.get(i), targets.get(i), offsets.get(i)));
    }
    return aliases;
  }

  /** Time and states first, then what is cut into steps; returns the name of the time. */
  private String bindInputs(OnnxGraph body, Translation inside, String time) throws IOException {
    String timeIn = inside.fresh(time);
    body.input(timeIn, ElementType.INT32);
    inside.bind(time, Value.computed(timeIn, ElementType.INT32, 1));
    for (State state : states.values()) {
      String name = inside.fresh(state.before);
      body.input(name, ElementType.FP32);
      inside.bind(state.before, Value.computed(name, ElementType.FP32, 3));
    }
    for (Link link : inputs) {
      Value whole = external(link);
      String name = inside.fresh(link.internal());
      body.input(name, whole.type());
      String unsqueezed = inside.fresh(link.internal());
      body.node(
          "Unsqueeze",
          List.of(name),
          List.of(unsqueezed),
          new Attribute.Wholes("axes", List.of(0L)));
      inside.bind(link.internal(), Value.computed(unsqueezed, whole.type(), whole.rank()));
    }
    return timeIn;
  }

  private Value external(Link link) throws IOException {
    return step.value(step.operator().inputs().indexOf(link.external()));
  }

  private void bindOutputs(OnnxGraph body, Translation inside, String timeIn) throws IOException {
    String one = step.constant(OnnxTensor.of(List.of(1L), new int[] {1}));
    String timeOut = step.fresh();
    body.node("Add", List.of(timeIn, one), List.of(timeOut));
    body.output(timeOut, ElementType.INT32);
    List<String> rows = new ArrayList<>();
    for (State state : states.values()) {
      Value after = inside.value(state.after);
      if (after == null) {
        throw step.refuse("its step_net does not write blob '%s'".formatted(state.after));
      }
      String name = step.fresh();
      body.node("Identity", List.of(inside.read(after)), List.of(name));
      body.output(name, ElementType.FP32);
      String row = step.fresh();
      body.node("Squeeze", List.of(name), List.of(row), new Attribute.Wholes("axes", List.of(0L)));
      rows.add(row);
    }
    rows.forEach(row -> body.output(row, ElementType.FP32));
  }

  private void scan(OnnxGraph body) throws IOException {
    List<String> given = new ArrayList<>();
    given.add(step.constant(OnnxTensor.of(List.of(1L), new int[] {0})));
    List<String> results = new ArrayList<>(List.of(step.fresh()));
    for (State state : states.values()) {
      given.add(initial(state));
      state.last = step.fresh();
      results.add(state.last);
    }
    for (State state : states.values()) {
      state.all = step.fresh();
      results.add(state.all);
    }
    for (Link link : inputs) {
      given.add(step.translation().read(external(link)));
    }
    step.translation()
        .graph()
        .node(
            "Scan",
            given,
            results,
            new Attribute.Body("body", body),
            new Attribute.Whole("num_scan_inputs", inputs.size()));
  }

  /** One state for each sequence of the batch, of which the initial one may be the same for all. */
  private String initial(State state) throws IOException {
    if (inputs.isEmpty()) {
      throw step.refuse("has no input that is linked at offset 0 (expected: at least one)");
    }
    String batch =
        step.node(
            "Gather",
            List.of(
                step.node("Shape", List.of(step.translation().read(external(inputs.getFirst())))),
                step.row(1L)));
    String shape =
        step.node(
            "Concat", List.of(step.row(1L), batch, step.row(1L)), new Attribute.Whole("axis", 0));
    return step.node("Expand", List.of(step.in(state.initialInput), shape));
  }

  private void publish(Alias alias) throws IOException {
    State state = states.get(alias.source());
    if (state == null || (alias.offset() != 1 && alias.offset() != -1)) {
      throw step.refuse(
          "alias '%s' of '%s' at offset %d (expected: of a state, at 1 or -1)"
              .formatted(alias.target(), alias.source(), alias.offset()));
    }
    String tensor = alias.offset() == 1 ? state.all : state.last;
    step.translation().bind(alias.target(), Value.computed(tensor, ElementType.FP32, 3));
  }
}
