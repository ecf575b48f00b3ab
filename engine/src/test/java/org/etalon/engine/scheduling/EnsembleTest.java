package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Sequence;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.Test;

/** {@code x} goes to {@code left} and {@code right}; {@code sum} takes what they give. */
class EnsembleTest extends EnsembleRig {
  private ServedVersion diamond() {
    member("left", false, List.of("a"), List.of("b"));
    member("right", false, List.of("a"), List.of("b"));
    member("sum", false, List.of("p", "q"), List.of("r"));
    return open(
        List.of("x"),
        List.of("y", "l"),
        step("left", Map.of("a", "x"), Map.of("b", "l")),
        step("right", Map.of("a", "x"), Map.of("b", "t")),
        step("sum", Map.of("p", "l", "q", "t"), Map.of("r", "y")));
  }

  @Test
  void beginsAStepWhenTheLastOfItsInputsIsThere() {
    ServedVersion ensemble = diamond();
    Answer answer = ask(ensemble, x(5).build());
    assertThat(asked("left", 0).input("a")).isEqualTo(5);
    asked("right", 0).answer(2);
    assertThat(member("sum").asked).isEmpty();
    asked("left", 0).answer(1);
    assertThat(asked("sum", 0).input("p")).isEqualTo(1);
    assertThat(asked("sum", 0).input("q")).isEqualTo(2);
    asked("sum", 0).answer(3);
    assertThat(answer.values()).containsExactly(3f, 1f);
    assertThat(answer.response().modelName()).isEqualTo("e");
    assertThat(ensemble.inFlight()).isZero();
  }

  @Test
  void tracesEachStepAsAChildOfItsRequest() {
    RequestTrace trace = new RequestTrace(new AtomicLong()::incrementAndGet);
    Answer answer = new Answer(trace);
    answer.call = diamond().submit(x(5).build(), answer);
    assertThat(trace.children())
        .containsExactly(asked("left", 0).handler.trace(), asked("right", 0).handler.trace())
        .allSatisfy(step -> assertThat(step.parent()).hasValue(trace.id()));
    asked("left", 0).answer(1);
    asked("right", 0).answer(2);
    asked("sum", 0).answer(3);
    assertThat(trace.children()).hasSize(3);
    answer.response().close();
  }

  @Test
  void tracesNothingWhereNobodyAsks() {
    var _ = ask(diamond(), x(5).build());
    assertThat(asked("left", 0).handler.trace()).isNull();
  }

  @Test
  void holdsAResponseUntilItsLastReaderHasAnsweredOrTheAnswerIsClosed() {
    ServedVersion ensemble = diamond();
    Answer answer = ask(ensemble, x(5).build());
    asked("left", 0).answer(1);
    asked("right", 0).answer(2);
    assertThat(openResponses()).isEqualTo(2);
    asked("sum", 0).answer(3);
    assertThat(member("right").openResponses).hasValue(0);
    assertThat(openResponses()).isEqualTo(2);
    answer.response().close();
    assertThat(openResponses()).isZero();
  }

  @Test
  void runsOnlyTheStepsThatTheOutputsAskedForNeed() {
    ServedVersion ensemble = diamond();
    Answer answer = ask(ensemble, x(5).output(RequestedOutput.of("l")).build());
    asked("left", 0).answer(1);
    assertThat(answer.values()).containsExactly(1f);
    assertThat(member("right").asked).isEmpty();
    assertThat(member("sum").asked).isEmpty();
  }

  @Test
  void asksAStepOnlyForOutputsThatSomeoneReads() {
    member("two", false, List.of("a"), List.of("b", "c"));
    ServedVersion ensemble =
        open(
            List.of("x"),
            List.of("y", "z"),
            step("two", Map.of("a", "x"), Map.of("b", "y", "c", "z")));
    var _ = ask(ensemble, x(1).output(RequestedOutput.of("z")).build());
    assertThat(asked("two", 0).request.outputs()).containsExactly(RequestedOutput.of("c"));
  }

  @Test
  void failsOnceAndGivesUpTheOtherStepsAndAllMemory() {
    ServedVersion ensemble = diamond();
    Answer answer = ask(ensemble, x(5).build());
    asked("left", 0).fail("broken");
    assertThat(asked("right", 0).isCancelled).isTrue();
    assertThat(answer.errors).isEmpty(); // the request's memory is still being read
    asked("right", 0).answer(2);
    assertThat(answer.errors).containsExactly("in ensemble 'e', step 0 (left): broken");
    assertThat(member("sum").asked).isEmpty();
    assertThat(openResponses()).isZero();
    assertThat(ensemble.inFlight()).isZero();
    assertThat(ensemble.statistics().failure(FailureReason.BACKEND).count()).isEqualTo(1);
    assertThat(ensemble.statistics().success().count()).isZero();
  }

  @Test
  void cancelsTheStepsUnderWayAndBeginsNoOthers() {
    ServedVersion ensemble = diamond();
    Answer answer = ask(ensemble, x(5).build());
    asked("left", 0).answer(1);
    answer.call.cancel();
    assertThat(asked("right", 0).isCancelled).isTrue();
    asked("right", 0).answer(2);
    assertThat(answer.errors).containsExactly("request was cancelled");
    assertThat(answer.codes).containsExactly(ErrorCode.CANCELLED);
    assertThat(member("sum").asked).isEmpty();
    assertThat(openResponses()).isZero();
    assertThat(ensemble.statistics().failure(FailureReason.CANCELED).count()).isEqualTo(1);
  }

  @Test
  void passesParametersPriorityTimeoutAndSequenceToTheSteps() {
    ServedVersion ensemble = diamond();
    Map<String, Parameter> parameters = Map.of("gain", new Parameter.Real(2));
    Sequence sequence = new Sequence(new Sequence.Id.Text("H1"), true, false);
    var _ =
        ask(
            ensemble,
            x(5).id("mine")
                .parameters(parameters)
                .priority(2)
                .queueTimeout(Duration.ofMillis(3))
                .sequence(sequence)
                .build());
    InferenceRequest given = asked("left", 0).request;
    assertThat(given.parameters()).isEqualTo(parameters);
    assertThat(given.id()).contains("mine");
    assertThat(given.priority()).hasValue(2);
    assertThat(given.queueTimeout()).contains(Duration.ofMillis(3));
    assertThat(given.sequence()).contains(sequence);
  }

  @Test
  void countsEachStepsTime() {
    ServedVersion ensemble = diamond();
    var _ = ask(ensemble, x(5).build());
    asked("left", 0).answer(1);
    var steps = ensemble.statistics().steps();
    assertThat(steps.get(0).label()).isEqualTo("step 0 (left)");
    assertThat(steps.get(0).total().count()).isEqualTo(1);
    assertThat(steps.get(1).total().count()).isZero();
  }

  private ServedVersion statefulBehindStateless() {
    member("net", false, List.of("a"), List.of("b"));
    member("state", true, List.of("a"), List.of("b"));
    return open(
        List.of("x"),
        List.of("y", "t"),
        step("net", Map.of("a", "x"), Map.of("b", "t")),
        step("state", Map.of("a", "t"), Map.of("b", "y")));
  }

  private static InferenceRequest inSequence(long id, float value, String... outputs) {
    InferenceRequest.Builder request =
        x(value).sequence(new Sequence(new Sequence.Id.Number(id), false, false));
    for (String output : outputs) {
      request.output(RequestedOutput.of(output));
    }
    return request.build();
  }

  @Test
  void keepsTheOrderOfASequenceWhereAStepKeepsState() {
    ServedVersion ensemble = statefulBehindStateless();
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      answers.add(ask(ensemble, inSequence(7, i)));
    }
    Answer other = ask(ensemble, inSequence(8, 100));
    asked("net", 4).answer(100);
    asked("state", 0).answer(1);
    assertThat(other.values()).isNotEmpty();
    asked("net", 2).answer(2);
    asked("net", 1).fail("lost");
    assertThat(member("state").asked).hasSize(1);
    asked("net", 0).answer(0);
    assertThat(asked("state", 1).input("a")).isEqualTo(0);
    assertThat(asked("state", 2).input("a")).isEqualTo(2);
    asked("net", 3).answer(3);
    assertThat(asked("state", 3).input("a")).isEqualTo(3);
    asked("state", 3).answer(13);
    asked("state", 2).answer(12);
    assertThat(answers.get(2).responses).isEmpty(); // answers come in order too
    asked("state", 1).answer(10);
    assertThat(answers.get(1).errors).hasSize(1);
    assertThat(answers.get(3).values()).containsExactly(13f, 3f);
    assertThat(ensemble.inFlight()).isZero();
  }

  @Test
  void takesARequestOfASequenceToEveryStateWhateverIsAskedFor() {
    ServedVersion ensemble = statefulBehindStateless();
    Answer answer = ask(ensemble, inSequence(7, 1, "t"));
    asked("net", 0).answer(1);
    asked("state", 0).answer(5);
    assertThat(answer.values()).containsExactly(1f);
    answer.response().close();
    assertThat(openResponses()).isZero();
  }

  @Test
  void tellsAStepThatKeepsStateWhenTheLastRequestOfASequenceDoesNotReachIt() {
    ServedVersion ensemble = statefulBehindStateless();
    Sequence.Id id = new Sequence.Id.Number(7);
    var _ = ask(ensemble, inSequence(7, 0));
    var _ = ask(ensemble, x(1).sequence(new Sequence(id, false, true)).build());
    var _ = ask(ensemble, x(2).sequence(new Sequence(id, true, false)).build());
    asked("net", 2).answer(2);
    asked("net", 1).fail("lost");
    assertThat(member("state").givenUp).isEmpty(); // the one before is on its way
    asked("net", 0).answer(0);
    assertThat(member("state").givenUp).containsExactly(id);
    assertThat(member("state").asked).hasSize(2);
  }

  @Test
  void aCancelledRequestOfASequenceHoldsNobodyUp() {
    ServedVersion ensemble = statefulBehindStateless();
    Answer first = ask(ensemble, inSequence(7, 0));
    Answer second = ask(ensemble, inSequence(7, 1));
    asked("net", 1).answer(1);
    second.call.cancel();
    first.call.cancel();
    asked("net", 0).fail("cancelled");
    assertThat(first.errors).containsExactly("request was cancelled");
    assertThat(second.errors).containsExactly("request was cancelled");
    assertThat(member("state").asked).isEmpty();
    assertThat(openResponses()).isZero();
    var _ = ask(ensemble, inSequence(7, 2));
    asked("net", 2).answer(2);
    assertThat(asked("state", 0).input("a")).isEqualTo(2);
  }

  @Test
  void usesTheVersionThatServesFromTheNextRequestOn() {
    ServedVersion ensemble = diamond();
    Answer before = ask(ensemble, x(1).build());
    VersionGate replaced = Objects.requireNonNull(gates.get("sum"));
    ManualMember first = member("sum");
    ManualMember second = member("sum", false, List.of("p", "q"), List.of("r"));
    var retired = replaced.retire(Runnable::run);
    Answer after = ask(ensemble, x(2).build());
    for (int i = 0; i < 2; i++) {
      asked("left", i).answer(1);
      asked("right", i).answer(1);
    }
    assertThat(second.asked).hasSize(1);
    assertThat(first.asked).hasSize(1);
    assertThat(retired).isNotDone();
    first.asked.getFirst().answer(7);
    assertThat(before.values()).containsExactly(7f, 1f);
    assertThat(retired).isDone();
    second.asked.getFirst().answer(8);
    assertThat(after.values()).containsExactly(8f, 1f);
  }

  @Test
  void saysWhichMemberIsGoneAndGoesOnWhenItIsBack() {
    ServedVersion ensemble = diamond();
    VersionGate gone = Objects.requireNonNull(gates.remove("sum"));
    Answer answer = ask(ensemble, x(1).build());
    assertThat(answer.codes).containsExactly(ErrorCode.UNAVAILABLE);
    assertThat(answer.errors.getFirst())
        .startsWith("ensemble 'e' is not available: step 2 (sum): no model 'sum'");
    assertThat(ensemble.unavailability()).isPresent();
    gates.put("sum", gone);
    assertThat(ensemble.unavailability()).isEmpty();
  }

  @Test
  void namesEveryMisfitAtOnce() {
    ManualMember left = member("left", false, List.of("a"), List.of("b"));
    member("right", true, List.of("a", "must"), List.of("b"));
    ModelConfig small =
        left.config().toBuilder()
            .setName("small")
            .setMaxBatchSize(2)
            .setInput(0, left.config().getInput(0).toBuilder().setDataType(DataType.TYPE_INT32))
            .setOutput(0, left.config().getOutput(0).toBuilder().addDims(3))
            .build();
    members.put("small", new ManualMember(small));
    gates.put("small", new VersionGate(member("small"), ""));
    assertThatThrownBy(() ->
            open(
                List.of("x"),
                List.of("y", "z", "w"),
                step("left", Map.of("aa", "x"), Map.of("b", "t")),
                step("right", Map.of("a", "t"), Map.of("b", "y")),
                step("right", Map.of("a", "t", "must", "t"), Map.of("b", "w")),
                step("small", Map.of("a", "t"), Map.of("b", "z"))))
        .hasMessageContainingAll(
            "step 0 (left): input_map: model 'left' has no 'aa' (nearest: 'a')",
            "step 0 (left): input_map has no 'a'",
            "step 1 (right): input_map has no 'must'",
            "step 2 (right): keeps the state of sequences",
            "step 3 (small): max_batch_size 2 (expected: at least the ensemble's, which is 4)",
            "tensor 't': FP32 as step 0 (left) 'b', INT32 as step 3 (small) 'a'",
            "tensor 'z': shape [-1, 1] as output, [-1, 1, 3] as step 3 (small) 'b'");
  }

  @Test
  void leavesOutOptionalInputsThatARequestLeavesOut() {
    ModelConfig.Builder optional = config("opt", List.of("a", "b"), List.of("c"));
    optional.getInputBuilder(1).setOptional(true);
    members.put("opt", new ManualMember(optional.build()));
    gates.put("opt", new VersionGate(member("opt"), ""));
    ModelConfig.Builder config = config("e", List.of("x", "v"), List.of("y"));
    config.getInputBuilder(1).setOptional(true);
    config
        .getEnsembleSchedulingBuilder()
        .addStep(step("opt", Map.of("a", "x", "b", "v"), Map.of("c", "y")));
    ServedVersion ensemble =
        ServedVersion.openEnsemble(
            "e", 1, config.build(), this::gate, Map.of(), SharedServices.standard());
    var _ = ask(ensemble, x(1).build());
    assertThat(asked("opt", 0).request.inputs()).hasSize(1);
  }

  @Test
  void failsWhatIsUnderWayWhenItIsClosed() {
    ServedVersion ensemble = diamond();
    Answer answer = ask(ensemble, x(1).build());
    ensemble.close();
    asked("left", 0).answer(1);
    asked("right", 0).fail("cancelled");
    assertThat(answer.errors).containsExactly("ensemble 'e' is being unloaded");
    assertThat(ask(ensemble, x(1).build()).codes).containsExactly(ErrorCode.UNAVAILABLE);
  }
}
