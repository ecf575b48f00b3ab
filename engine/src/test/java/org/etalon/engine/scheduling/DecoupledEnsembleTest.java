package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.etalon.engine.config.ModelConfigReader;
import org.etalon.engine.config.RateLimits;
import org.etalon.engine.scheduling.ManualMember.Asked;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ensembles with steps that answer any number of times. */
class DecoupledEnsembleTest extends EnsembleRig {
  private void decoupled(String name) {
    ModelConfig.Builder config = config(name, List.of("a"), List.of("b"));
    config.getModelTransactionPolicyBuilder().setDecoupled(true);
    ManualMember member = new ManualMember(config.build());
    members.put(name, member);
    gates.put(name, new VersionGate(member, ""));
  }

  /** Each answer of {@code many} goes through {@code net}. */
  private ServedVersion line(int maxInFlight) {
    decoupled("many");
    member("net", false, List.of("a"), List.of("b"));
    ModelConfig.Builder config = config("e", List.of("x"), List.of("y"));
    config
        .getEnsembleSchedulingBuilder()
        .setMaxInflightRequests(maxInFlight)
        .addStep(step("many", Map.of("a", "x"), Map.of("b", "t")))
        .addStep(step("net", Map.of("a", "t"), Map.of("b", "y")));
    return ServedVersion.openEnsemble(
        "e", 1, config.build(), this::gate, Map.of(), SharedServices.standard());
  }

  private static void closeAll(Answer answer) {
    answer.responses.forEach(response -> response.close());
  }

  @Test
  void givesAnAnswerForEachOfItsStepsAnswersInTheirOrder() {
    ServedVersion ensemble = line(0);
    assertThat(ensemble.config().getModelTransactionPolicy().getDecoupled()).isTrue();
    Answer answer = ask(ensemble, x(5).id("mine").build());
    Asked many = asked("many", 0);
    IntStream.range(0, 3).forEach(i -> many.send(i));
    asked("net", 2).answer(12);
    asked("net", 0).answer(10);
    assertThat(answer.values()).containsExactly(10f);
    asked("net", 1).answer(11);
    assertThat(answer.values()).containsExactly(10f, 11f, 12f);
    assertThat(answer.ends).isZero();
    many.finish();
    assertThat(answer.ends).isOne();
    assertThat(answer.responses).hasSize(4);
    assertThat(answer.response().id()).contains("mine");
    assertThat(openResponses()).isEqualTo(3);
    closeAll(answer);
    assertThat(openResponses()).isZero();
    assertThat(ensemble.inFlight()).isZero();
    assertThat(ensemble.statistics().responses()).hasSize(3);
    assertThat(ensemble.statistics().success().count()).isOne();
  }

  @Test
  void endsAtOnceWhereItsStepGivesNoAnswer() {
    Answer answer = ask(line(0), x(5).build());
    asked("many", 0).finish();
    assertThat(answer.ends).isOne();
    assertThat(answer.values()).isEmpty();
  }

  @Test
  void endsAfterTheLastAnswerThatIsStillOnItsWay() {
    Answer answer = ask(line(0), x(5).build());
    asked("many", 0).send(1);
    asked("many", 0).finish();
    assertThat(answer.ends).isZero();
    asked("net", 0).answer(2);
    assertThat(answer.ends).isOne();
  }

  /** {@code sum} takes each answer of {@code many} and the one of {@code once}. */
  @Test
  void givesEachAnswerWhatOtherStepsHaveGivenOnce() {
    decoupled("many");
    member("once", false, List.of("a"), List.of("b"));
    member("sum", false, List.of("p", "q"), List.of("r"));
    ServedVersion ensemble =
        open(
            List.of("x"),
            List.of("y", "o"),
            step("once", Map.of("a", "x"), Map.of("b", "o")),
            step("many", Map.of("a", "x"), Map.of("b", "t")),
            step("sum", Map.of("p", "o", "q", "t"), Map.of("r", "y")));
    Answer answer = ask(ensemble, x(5).build());
    asked("many", 0).send(1);
    asked("many", 0).send(2);
    assertThat(member("sum").asked).isEmpty();
    asked("once", 0).answer(7);
    asked("many", 0).send(3);
    asked("many", 0).finish();
    for (int i = 0; i < 3; i++) {
      assertThat(asked("sum", i).input("p")).isEqualTo(7);
      assertThat(asked("sum", i).input("q")).isEqualTo(1 + i);
      asked("sum", i).answer(10 + i);
    }
    assertThat(answer.values()).containsExactly(10f, 7f, 11f, 7f, 12f, 7f);
    assertThat(member("once").asked).hasSize(1);
    closeAll(answer);
    assertThat(openResponses()).isZero();
  }

  @Test
  void asksTheDecoupledStepOnlyForOutputsThatNeedIt() {
    decoupled("many");
    member("once", false, List.of("a"), List.of("b"));
    ServedVersion ensemble =
        open(
            List.of("x"),
            List.of("y", "o"),
            step("once", Map.of("a", "x"), Map.of("b", "o")),
            step("many", Map.of("a", "x"), Map.of("b", "y")));
    Answer answer = ask(ensemble, x(5).output(RequestedOutput.of("o")).build());
    asked("once", 0).answer(3);
    assertThat(member("many").asked).isEmpty();
    assertThat(answer.values()).containsExactly(3f);
    assertThat(answer.ends).isOne();
  }

  @Test
  void takesDecoupledStepsBehindEachOtherInTheOrderOfBoth() {
    decoupled("outer");
    decoupled("inner");
    ServedVersion ensemble =
        open(
            List.of("x"),
            List.of("y"),
            step("outer", Map.of("a", "x"), Map.of("b", "t")),
            step("inner", Map.of("a", "t"), Map.of("b", "y")));
    Answer answer = ask(ensemble, x(5).build());
    IntStream.range(0, 3).forEach(i -> asked("outer", 0).send(i));
    asked("inner", 2).send(20);
    asked("inner", 1).finish();
    asked("inner", 0).send(0);
    asked("outer", 0).finish();
    asked("inner", 0).send(1);
    asked("inner", 0).finish();
    asked("inner", 2).finish();
    assertThat(answer.values()).containsExactly(0f, 1f, 20f);
    assertThat(answer.ends).isOne();
    closeAll(answer);
    assertThat(openResponses()).isZero();
  }

  @Test
  void holdsItsStepUpWhileAsManyAsItMayAreOnTheirWay() {
    Answer answer = ask(line(2), x(5).build());
    Asked many = asked("many", 0);
    many.send(0);
    assertThat(many.handler.isReady()).isTrue();
    many.send(1);
    assertThat(many.handler.isReady()).isFalse();
    asked("net", 1).answer(11);
    assertThat(many.handler.isReady()).isFalse(); // its answer waits for the one before
    int resumed = many.resumed;
    asked("net", 0).answer(10);
    assertThat(many.resumed).isGreaterThan(resumed);
    assertThat(answer.values()).containsExactly(10f, 11f);
  }

  @Test
  void holdsItsStepUpForAnAskerThatDoesNotRead() {
    ServedVersion ensemble = line(0);
    Answer answer = new Answer();
    answer.isReady = false;
    answer.call = ensemble.submit(x(5).build(), answer);
    Asked many = asked("many", 0);
    int sent = 0;
    while (many.handler.isReady()) {
      many.send(sent);
      asked("net", sent).answer(sent);
      sent++;
    }
    assertThat(sent).isEqualTo(64);
    assertThat(answer.responses).isEmpty();
    answer.isReady = true;
    answer.call.resume();
    assertThat(answer.responses).hasSize(64);
    assertThat(many.handler.isReady()).isTrue();
  }

  @Test
  void cancelsAllItsStepsAndTellsOnceWhenTheyHaveEnded() {
    ServedVersion ensemble = line(0);
    Answer answer = ask(ensemble, x(5).build());
    asked("many", 0).send(0);
    asked("many", 0).send(1);
    asked("net", 0).answer(10);
    answer.call.cancel();
    assertThat(asked("many", 0).isCancelled).isTrue();
    assertThat(asked("net", 1).isCancelled).isTrue();
    asked("many", 0).send(2);
    assertThat(member("net").asked).hasSize(2);
    asked("net", 1).answer(11);
    assertThat(answer.codes).isEmpty(); // the request's memory is still being read
    asked("many", 0).fail("cancelled");
    assertThat(answer.codes).containsExactly(ErrorCode.CANCELLED);
    assertThat(answer.values()).containsExactly(10f);
    closeAll(answer);
    assertThat(openResponses()).isZero();
    assertThat(ensemble.inFlight()).isZero();
  }

  @Test
  void failsOnceAndGivesUpTheDecoupledStep() {
    ServedVersion ensemble = line(0);
    Answer answer = ask(ensemble, x(5).build());
    asked("many", 0).send(0);
    asked("net", 0).fail("broken");
    assertThat(asked("many", 0).isCancelled).isTrue();
    asked("many", 0).finish();
    assertThat(answer.errors).containsExactly("in ensemble 'e', step 1 (net): broken");
    assertThat(openResponses()).isZero();
    assertThat(ensemble.inFlight()).isZero();
  }

  @Test
  void endsItsStreamsWhenItIsClosed() {
    ServedVersion ensemble = line(0);
    Answer answer = ask(ensemble, x(5).build());
    asked("many", 0).send(0);
    ensemble.close();
    asked("net", 0).answer(1);
    asked("many", 0).fail("cancelled");
    assertThat(answer.errors).containsExactly("model 'e/1' is being unloaded");
    assertThat(openResponses()).isZero();
  }

  @Test
  void isAStepOfAnotherEnsemble() {
    ServedVersion inner = line(0);
    gates.put("e", new VersionGate(inner, ""));
    member("last", false, List.of("a"), List.of("b"));
    ModelConfig.Builder config = config("o", List.of("u"), List.of("v"));
    config
        .getEnsembleSchedulingBuilder()
        .addStep(step("e", Map.of("x", "u"), Map.of("y", "w")))
        .addStep(step("last", Map.of("a", "w"), Map.of("b", "v")));
    ServedVersion outer =
        ServedVersion.openEnsemble(
            "o", 1, config.build(), this::gate, Map.of(), SharedServices.standard());
    assertThat(outer.config().getModelTransactionPolicy().getDecoupled()).isTrue();
    Answer answer = new Answer();
    answer.call =
        outer.submit(
            InferenceRequest.of(ModelId.of("o"), x(1).build().inputs().getFirst().named("u")),
            answer);
    asked("many", 0).send(0);
    asked("net", 0).answer(1);
    asked("last", 0).answer(2);
    asked("many", 0).finish();
    assertThat(answer.values()).containsExactly(2f);
    assertThat(answer.ends).isOne();
    closeAll(answer);
    assertThat(openResponses()).isZero();
  }

  @Test
  void keepsStateInFrontOfTheDecoupledStepAndTellsTheSequenceToNobodyBehindIt() {
    member("state", true, List.of("a"), List.of("b"));
    decoupled("many");
    member("net", false, List.of("a"), List.of("b"));
    ServedVersion ensemble =
        open(
            List.of("x"),
            List.of("y"),
            step("state", Map.of("a", "x"), Map.of("b", "s")),
            step("many", Map.of("a", "s"), Map.of("b", "t")),
            step("net", Map.of("a", "t"), Map.of("b", "y")));
    Sequence sequence = new Sequence(new Sequence.Id.Number(7), true, false);
    Answer first = ask(ensemble, x(1).sequence(sequence).build());
    Answer second = ask(ensemble, x(2).sequence(sequence).build());
    asked("state", 0).answer(1);
    asked("state", 1).answer(2);
    for (int i = 0; i < 2; i++) {
      asked("many", i).send(i);
      assertThat(asked("net", i).request.sequence()).isEmpty();
      asked("net", i).answer(i);
      asked("many", i).finish();
    }
    assertThat(first.ends + second.ends).isEqualTo(2);
  }

  @Test
  void refusesGraphsWhoseAnswersWouldNotGoTogether() {
    decoupled("one");
    decoupled("other");
    member("sum", true, List.of("p", "q"), List.of("r"));
    assertThatThrownBy(() ->
            open(
                List.of("x"),
                List.of("y"),
                step("one", Map.of("a", "x"), Map.of("b", "s")),
                step("other", Map.of("a", "x"), Map.of("b", "t")),
                step("sum", Map.of("p", "s", "q", "t"), Map.of("r", "y"))))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(
            "step 0 (one) and step 1 (other): both are decoupled, and neither is behind the other")
        .hasMessageContaining("step 2 (sum): keeps the state of sequences behind a decoupled step");
  }

  /** It would hold for ever what those wait for that are to take its answers. */
  @Test
  void refusesADecoupledStepThatKeepsItsResourceFromAStepBehindIt() {
    String limits = "instance_group { rate_limiter { resources { name: 'R' count: 1 } } }";
    decoupled("many");
    member("net", false, List.of("a"), List.of("b"));
    for (String name : List.of("many", "net")) {
      ModelConfig.Builder config = member(name).config().toBuilder();
      config.addAllInstanceGroup(
          ModelConfigReader.parse("test", limits).config().getInstanceGroupList());
      members.put(name, new ManualMember(config.build()));
      gates.put(name, new VersionGate(member(name), ""));
    }
    ModelConfig.Builder config = config("e", List.of("x"), List.of("y"));
    config
        .getEnsembleSchedulingBuilder()
        .addStep(step("many", Map.of("a", "x"), Map.of("b", "t")))
        .addStep(step("net", Map.of("a", "t"), Map.of("b", "y")));
    SharedServices limited = SharedServices.of(0, Optional.of(new RateLimits(List.of())));
    assertThatThrownBy(
            () -> ServedVersion.openEnsemble("e", 1, config.build(), this::gate, Map.of(), limited))
        .hasMessageContaining(
            "step 1 (net): needs the resource 'R', which step 0 (many), decoupled, holds");
    limited.close();
  }

  @Test
  void isUnavailableWhereAMemberHasBecomeDecoupledSince() {
    member("many", false, List.of("a"), List.of("b"));
    ServedVersion ensemble =
        open(List.of("x"), List.of("y"), step("many", Map.of("a", "x"), Map.of("b", "y")));
    decoupled("many");
    assertThat(ask(ensemble, x(1).build()).errors.getFirst())
        .contains("is decoupled, and was not when the ensemble was loaded");
  }

  /** Whatever comes when: each answer once, in order, and nothing stays. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void losesNothingInAnyOrderOfEvents(long seed) {
    Random random = new Random(seed);
    ServedVersion ensemble = line(1 + random.nextInt(5));
    Answer answer = ask(ensemble, x(5).build());
    Asked many = asked("many", 0);
    List<Integer> open = new ArrayList<>();
    List<Float> expected = new ArrayList<>();
    int sent = 0;
    boolean isFinished = false;
    while (!isFinished || !open.isEmpty()) {
      answer.isReady = random.nextBoolean();
      if (answer.isReady) {
        answer.call.resume();
      }
      if (sent < 50 && many.handler.isReady() && random.nextBoolean()) {
        many.send(sent);
        expected.add((float) sent);
        open.add(sent++);
      } else if (!open.isEmpty()) {
        int next = open.remove(/* index */ random.nextInt(open.size()));
        asked("net", next).answer(next);
      } else if (sent == 50 && !isFinished) {
        isFinished = true;
        many.finish();
      }
    }
    answer.isReady = true;
    answer.call.resume();
    assertThat(answer.values()).isEqualTo(expected);
    assertThat(answer.ends).isOne();
    closeAll(answer);
    assertThat(openResponses()).isZero();
  }
}
