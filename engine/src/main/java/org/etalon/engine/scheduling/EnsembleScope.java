package org.etalon.engine.scheduling;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The steps of an ensemble that run once together: for the request, or for one answer of a
 * decoupled step, behind which a scope opens for each answer, inside the scope of that step.
 * Guarded by the run's lock; calls nobody.
 *
 * <p>Tensors lie in the responses that brought them. A response is given back when the last step of
 * its scope that reads it has answered, or, where scopes inside or the request's answers read it
 * too, with its scope: when nobody holds that any more.
 */
final class EnsembleScope {
  private final EnsembleDemand demand;
  private final EnsembleGraph graph;
  private final @Nullable EnsembleScope parent;
  private final int level;
  private final @Nullable Tensor[] tensors;

  // Of each step:
  private final int[] missing;
  private final int[] readers;
  private final boolean[] hasGiven;
  private final @Nullable InferenceResponse[] responses;

  /** Opened behind the decoupled step, in the order of its answers, until they are over. */
  private final ArrayDeque<EnsembleScope> children = new ArrayDeque<>(0);

  /** Makes its decoupled step go on, where it was held up. */
  private @Nullable Runnable whenRoom;

  /** Steps that have not answered, but for the decoupled one. */
  private int unfinished;

  private boolean isBranching;
  private boolean isSent;

  /** False once the run's own hold is given up, or handed to the answer. */
  private boolean isHeldByRun = true;

  /** Scopes inside, answers that are not closed, and the run itself while it needs the scope. */
  private int holders = 1;

  /** A step whose inputs are there. */
  record Due(EnsembleScope scope, EnsembleGraph.Step step) {}

  /** The scope of the request. */
  EnsembleScope(EnsembleDemand demand) {
    this(demand, null, 0);
    for (int i = 0; i < graph.inputCount(); i++) {
      tensors[i] = demand.request().input(i);
    }
    expect();
  }

  private EnsembleScope(EnsembleDemand demand, @Nullable EnsembleScope parent, int level) {
    this.demand = demand;
    this.graph = demand.plan().graph();
    this.parent = parent;
    this.level = level;
    int count = graph.steps().size();
    this.tensors = new Tensor[graph.tensors().size()];
    this.missing = new int[count];
    this.readers = new int[count];
    this.hasGiven = new boolean[count];
    this.responses = new InferenceResponse[count];
  }

  /** Opens the scope of an answer of the decoupled step. */
  EnsembleScope open(EnsembleGraph.Step decoupled, InferenceResponse answer) {
    EnsembleScope child = new EnsembleScope(demand, this, level + 1);
    child.take(decoupled, answer);
    child.expect();
    child.responses[decoupled.index()] = answer;
    children.addLast(child);
    holders++;
    return child;
  }

  /** Counts what each step waits for, and who reads what. */
  private void expect() {
    for (EnsembleGraph.Step step : graph.steps()) {
      if (!demand.runs(step, level)) {
        continue;
      }
      if (demand.plan().isDecoupled(step.index())) {
        isBranching = true;
      } else {
        unfinished++;
      }
      for (int source : graph.sources(step.index())) {
        missing[step.index()] += hasGiven(source) ? 0 : 1;
        readers[source]++;
      }
    }
    for (int step = 0; step < readers.length; step++) {
      readers[step] += demand.isKept(step) ? 1 : 0;
    }
  }

  private boolean hasGiven(int step) {
    return hasGiven[step] || (parent != null && parent.hasGiven(step));
  }

  /** The steps that need nothing but what is there. */
  void findFirst(List<Due> due) {
    for (EnsembleGraph.Step step : graph.steps()) {
      if (demand.runs(step, level) && missing[step.index()] == 0) {
        due.add(new Due(this, step));
      }
    }
  }

  /** The steps, here and inside, for which that one's answer was the last that they waited for. */
  private void findNext(int answered, List<Due> due) {
    for (EnsembleGraph.Step step : graph.steps()) {
      if (!demand.runs(step, level)) {
        continue;
      }
      for (int source : graph.sources(step.index())) {
        if (source == answered && --missing[step.index()] == 0) {
          due.add(new Due(this, step));
        }
      }
    }
    children.forEach(child -> child.findNext(answered, due));
  }

  /** The inputs of a step that is due. */
  List<Tensor> inputsOf(EnsembleGraph.Step step) {
    List<Tensor> inputs = new ArrayList<>(step.inputs().size());
    for (EnsembleGraph.Wire wire : step.inputs()) {
      Tensor tensor = tensor(wire.tensor());
      if (tensor != null) {
        inputs.add(tensor.named(wire.name()));
      }
    }
    return inputs;
  }

  private @Nullable Tensor tensor(int index) {
    Tensor tensor = tensors[index];
    return tensor == null && parent != null ? parent.tensor(index) : tensor;
  }

  /**
   * Takes a step's one answer.
   *
   * @param unread responses that nobody reads any more, to be closed
   */
  void answered(
      EnsembleGraph.Step step,
      InferenceResponse response,
      List<InferenceResponse> unread,
      List<Due> due) {
    unfinished--;
    responses[step.index()] = response;
    take(step, response);
    releaseInputs(step, unread);
    if (readers[step.index()] == 0) {
      giveBack(step.index(), unread);
    }
    findNext(step.index(), due);
  }

  private void take(EnsembleGraph.Step step, InferenceResponse response) {
    hasGiven[step.index()] = true;
    for (EnsembleGraph.Wire wire : step.outputs()) {
      for (Tensor output : response.outputs()) {
        if (output.name().equals(wire.name())) {
          tensors[wire.tensor()] = output;
        }
      }
    }
  }

  /** The decoupled step has had its last answer. */
  void finished(EnsembleGraph.Step decoupled, List<InferenceResponse> unread) {
    isBranching = false;
    whenRoom = null;
    releaseInputs(decoupled, unread);
  }

  /** The step has read its inputs: those responses that nobody else reads are given back. */
  private void releaseInputs(EnsembleGraph.Step step, List<InferenceResponse> unread) {
    for (int source : graph.sources(step.index())) {
      if (--readers[source] == 0) {
        giveBack(source, unread);
      }
    }
  }

  private void giveBack(int step, List<InferenceResponse> unread) {
    InferenceResponse response = responses[step];
    if (response != null) {
      responses[step] = null;
      unread.add(response);
    }
  }

  /** How to make the decoupled step go on. */
  void whenRoom(Runnable action) {
    whenRoom = isBranching ? action : null;
  }

  /** Scopes that are open behind the decoupled step. */
  int openCount() {
    return children.size();
  }

  /** The scope whose answer is the next to be given, if all of that is there; null otherwise. */
  @Nullable EnsembleScope nextAnswer() {
    if (level < demand.answerLevel()) {
      EnsembleScope first = children.peekFirst();
      return first == null ? null : first.nextAnswer();
    }
    return !isSent && isComplete() ? this : null;
  }

  private boolean isComplete() {
    return unfinished == 0 && (parent == null || parent.isComplete());
  }

  /** The request's answer of this scope, in the order of the outputs asked for. */
  List<Tensor> outputs() {
    PendingRequest request = demand.request();
    List<Tensor> outputs = new ArrayList<>(request.outputCount());
    for (int n = 0; n < request.outputCount(); n++) {
      int index = graph.outputTensor(request.output(n));
      Tensor output = tensor(index);
      if (output == null) {
        throw new IllegalStateException("no tensor " + graph.tensors().get(index));
      }
      outputs.add(output.named(graph.tensors().get(index)));
    }
    return outputs;
  }

  /** Its answer goes out; {@link #release} when that is closed. */
  void send() {
    isSent = true;
    isHeldByRun = false;
  }

  /** True if nothing more comes of it. */
  boolean isOver() {
    return level < demand.answerLevel()
        ? unfinished == 0 && !isBranching && children.isEmpty()
        : isSent;
  }

  /**
   * Takes this scope out of the one around it if it is over, and that one likewise.
   *
   * @param rooms what makes the steps in front go on
   */
  void leaveIfOver(List<InferenceResponse> unread, List<Runnable> rooms) {
    if (parent == null || !isOver()) {
      return;
    }
    parent.children.remove(this);
    releaseByRun(unread);
    if (parent.whenRoom != null) {
      rooms.add(parent.whenRoom);
    }
    parent.leaveIfOver(unread, rooms);
  }

  /** Gives one hold up; the responses of a scope that nobody holds are given back. */
  void release(List<InferenceResponse> unread) {
    if (--holders > 0) {
      return;
    }
    for (int step = 0; step < responses.length; step++) {
      giveBack(step, unread);
    }
    if (parent != null) {
      parent.release(unread);
    }
  }

  /** Gives up the run's holds of this scope and of all inside. */
  void abandon(List<InferenceResponse> unread) {
    for (EnsembleScope child : children) {
      child.abandon(unread);
    }
    children.clear();
    releaseByRun(unread);
  }

  private void releaseByRun(List<InferenceResponse> unread) {
    if (isHeldByRun) {
      isHeldByRun = false;
      release(unread);
    }
  }
}
