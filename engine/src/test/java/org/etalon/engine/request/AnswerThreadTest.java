package org.etalon.engine.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class AnswerThreadTest {
  private record Wake(List<String> done) implements Runnable {
    @Override
    public void run() {
      done.add("wake");
    }
  }

  private final List<String> done = new CopyOnWriteArrayList<>();
  private final Runnable wake = new Wake(done);

  @Test
  void runsWhatWaitsForTheLastAnswerOnceBehindAllOfThem() throws InterruptedException {
    onAnswerThread(() ->
        AnswerThread.giveTogether(() -> {
          for (String answer : List.of("a", "b", "c")) {
            done.add(answer);
            AnswerThread.afterTheLast(wake);
          }
        }));
    assertThat(done).containsExactly("a", "b", "c", "wake");
  }

  @Test
  void doesNotLetManyAnswersWaitForTheLast() throws InterruptedException {
    onAnswerThread(() ->
        AnswerThread.giveTogether(() -> {
          for (int answer = 1; answer <= 20; answer++) {
            AnswerThread.afterTheLast(wake);
            done.add("answer " + answer);
          }
        }));
    assertThat(done).hasSize(22).startsWith("answer 1").endsWith("answer 20", "wake");
    assertThat(done.indexOf("wake")).isEqualTo(15);
  }

  @Test
  void keepsNothingFromOneBatchToTheNext() throws InterruptedException {
    onAnswerThread(() -> {
      AnswerThread.giveTogether(() -> AnswerThread.afterTheLast(wake));
      AnswerThread.giveTogether(() -> done.add("a"));
    });
    assertThat(done).containsExactly("wake", "a");
  }

  @Test
  void runsWhatWaitsWhenAnAnswerFails() throws InterruptedException {
    onAnswerThread(() -> {
      try {
        AnswerThread.giveTogether(() -> {
          AnswerThread.afterTheLast(wake);
          throw new IllegalStateException("a handler's");
        });
      } catch (IllegalStateException e) {
        done.add("failed");
      }
    });
    assertThat(done).containsExactly("wake", "failed");
  }

  @Test
  void runsAtOnceWhereAnswersComeAlone() throws InterruptedException {
    onAnswerThread(() -> {
      AnswerThread.afterTheLast(wake);
      done.add("behind");
    });
    AnswerThread.giveTogether(() -> {
      AnswerThread.afterTheLast(wake);
      done.add("on another thread");
    });
    assertThat(done).containsExactly("wake", "behind", "wake", "on another thread");
  }

  private static void onAnswerThread(Runnable body) throws InterruptedException {
    AnswerThread thread = new AnswerThread(body, "answers");
    thread.start();
    thread.join();
  }
}
