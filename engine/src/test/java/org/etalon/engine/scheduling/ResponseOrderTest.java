package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResponseOrderTest {
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void answersGoOutInTheOrderOfTheRequestsWhicheverComesFirst(long seed) {
    Random random = new Random(seed);
    ResponseOrder order = new ResponseOrder();
    List<PendingRequest> requests = IntStream.range(0, 50).mapToObj(this::request).toList();
    order.enlist(requests.subList(0, 20));
    order.enlist(requests.subList(20, 50));
    List<Integer> turns = new ArrayList<>(IntStream.range(0, 50).boxed().toList());
    Collections.shuffle(turns, random);
    List<Runnable> answers = new ArrayList<>();
    for (int i : turns) {
      answers.add(() -> answer(requests.get(i), i));
    }
    List<Thread> threads = new ArrayList<>();
    for (Runnable answer : answers) {
      threads.add(Thread.ofVirtual().start(answer));
    }
    threads.forEach(ResponseOrderTest::join);
    assertThat(told).containsExactlyElementsOf(expected());
  }

  private static List<String> expected() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      if (i % 3 == 0) {
        expected.add(i + " failed");
      } else {
        expected.add(i + " part");
        expected.add(i + " last");
      }
    }
    return expected;
  }

  private static void answer(PendingRequest request, int index) {
    if (index % 3 == 0) {
      request.handler().onError(ServingException.invalid("as ordered"));
      return;
    }
    var response = InferenceResponse.of("m", 1, Optional.empty(), List.of());
    request.handler().onResponse(response, false);
    request.handler().onResponse(response, true);
  }

  private PendingRequest request(int index) {
    ResponseHandler handler =
        new ResponseHandler() {
          @Override
          public void onResponse(InferenceResponse response, boolean isLast) {
            told.add(index + (isLast ? " last" : " part"));
          }

          @Override
          public void onError(ServingException error) {
            told.add(index + " failed");
          }
        };
    InferenceRequest request = InferenceRequest.to(ModelId.of("m")).build();
    InputLayouts none = new InputLayouts(List.of(), true);
    return new PendingRequest(request, handler, new Tensor[0], new int[0], 1, 0, none);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
