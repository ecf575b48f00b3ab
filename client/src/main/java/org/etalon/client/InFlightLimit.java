package org.etalon.client;

/**
 * How many requests of a model are worth having at the server at once. Owned by its {@link
 * RequestLine}, whose lock guards it.
 *
 * <p>It finds the number as TCP finds its window. From a small start it doubles from round to round
 * (a round: as many answers as the limit), and compares the rounds' mean latency. By Little's law,
 * a limit {@code a} times as large with a latency {@code b} times as long brings {@code a/b} times
 * the throughput. While {@code b - 1} stays below three quarters of {@code a - 1}, more in flight
 * is of use; from there on they only wait in the server's queue, so the last raise is taken back
 * and the limit rests, to try a quarter more every sixteen rounds. A request turned away by a full
 * queue, or a server gone, takes three tenths off, once a round; from a limit of one it starts
 * anew. Only rounds that filled the limit count: an asker who keeps few in flight says nothing
 * about the server.
 *
 * <p>A throughput test is used rather than Vegas' comparison with the least latency ever seen,
 * since a server that batches answers slower, and yet more, the more it is given.
 *
 * @see <a href="https://doi.org/10.1145/52325.52356">Jacobson 1988: slow start, decrease on
 *     loss</a>
 * @see <a href="https://doi.org/10.1016/0169-7552(89)90019-6">Chiu and Jain 1989: additive
 *     increase, multiplicative decrease</a>
 * @see <a href="https://doi.org/10.1109/49.464716">Brakmo and Peterson 1995: TCP Vegas, latency as
 *     the signal</a>
 */
final class InFlightLimit {
  private static final int START = 16;

  /** Fewer answers than this make no mean worth comparing. */
  private static final int MIN_ROUND = 32;

  private static final double WORTHWHILE_SLOPE = 0.75;
  private static final double DECREASE = 0.7;
  private static final double SLOW_START_RAISE = 2;
  private static final double PROBE_RAISE = 1.25;
  private static final int REST_ROUNDS = 16;

  private final int max;
  private int limit;

  private double raise = SLOW_START_RAISE;

  /** Rounds until the next raise is tried. */
  private int rest;

  /** The limit and mean latency before the raise on trial; 0 when none is. */
  private int lastLimit;

  private double lastLatencyNs;

  private int answers;
  private double latencySumNs;
  private boolean wasFull;

  /** Requests under way that were sent under the limit before: their fate judges that one. */
  private int stale;

  private boolean wasDecreased;

  InFlightLimit(int max) {
    this.max = max;
    this.limit = Math.min(START, max);
  }

  int current() {
    return limit;
  }

  /** The limit kept a request waiting. */
  void onFull() {
    wasFull = true;
  }

  /** The server answered with a result; an error may come early and says nothing of its pace. */
  void onAnswer(long latencyNs) {
    if (stale > 0) {
      stale--;
      return;
    }
    answers++;
    latencySumNs += latencyNs;
    if (answers >= Math.max(limit, MIN_ROUND)) {
      if (wasFull) {
        judge(latencySumNs / answers);
      }
      startRound();
    }
  }

  /** The server could not take a request: its queue is full, or it is gone. */
  void onRefusal() {
    if (stale > 0) {
      stale--;
      if (wasDecreased) {
        return;
      }
    }
    stale = limit - 1;
    wasDecreased = true;
    limit = Math.max(1, (int) (limit * DECREASE));
    lastLimit = 0;
    boolean isOutage = limit == 1;
    raise = isOutage ? SLOW_START_RAISE : PROBE_RAISE;
    rest = isOutage ? 0 : REST_ROUNDS;
    startRound();
  }

  private void startRound() {
    answers = 0;
    latencySumNs = 0;
    wasFull = false;
  }

  private void judge(double latencyNs) {
    if (lastLimit > 0 && !wasWorthwhile(latencyNs)) {
      limit = lastLimit;
      lastLimit = 0;
      raise = PROBE_RAISE;
      rest = REST_ROUNDS;
    } else if (rest > 0) {
      rest--;
      lastLimit = 0;
    } else if (limit < max) {
      lastLimit = limit;
      lastLatencyNs = latencyNs;
      stale = limit;
      wasDecreased = false;
      limit = (int) Math.min(max, Math.max(limit + 1, Math.round(limit * raise)));
    }
  }

  private boolean wasWorthwhile(double latencyNs) {
    double more = (double) limit / lastLimit - 1;
    double slower = latencyNs / lastLatencyNs - 1;
    return slower < WORTHWHILE_SLOPE * more;
  }
}
