package org.etalon.engine.scheduling;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.etalon.inference.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the requests of each sequence in their order where the order counts, though they overtake
 * each other elsewhere. Thread-safe; a lane is guarded by itself, and holds nothing once the last
 * request under way has left it.
 */
final class SequenceLanes {
  private final ConcurrentHashMap<Sequence.Id, Lane> lanes = new ConcurrentHashMap<>();
  private final int gateCount;

  /**
   * @param gateCount places where the order counts
   */
  SequenceLanes(int gateCount) {
    this.gateCount = gateCount;
  }

  /** The next place in a sequence; {@link Turn#leave} gives it up. */
  Turn join(Sequence.Id id) {
    Turn[] turn = new Turn[1];
    lanes.compute(
        id,
        (_, known) -> {
          Lane lane = known == null ? new Lane(gateCount) : known;
          lane.travellers++;
          turn[0] = new Turn(this, id, lane, lane.joined++);
          return lane;
        });
    return turn[0];
  }

  /** Sequences with a request under way. */
  int size() {
    return lanes.size();
  }

  private void leave(Sequence.Id id) {
    lanes.computeIfPresent(id, (_, lane) -> --lane.travellers == 0 ? null : lane);
  }

  /**
   * A request's place in its sequence.
   *
   * @param number counted from the lane's first
   */
  record Turn(SequenceLanes lanes, Sequence.Id id, Lane lane, long number) {
    /**
     * Runs an action when all requests before have passed that gate, on this thread or on that of
     * the one before. Every request must come to every gate once, if only with nothing to do.
     *
     * @param action does not throw
     */
    void pass(int gate, Runnable action) {
      lane.pass(gate, number, action);
    }

    /** The request is answered and has passed all gates. */
    void leave() {
      lanes.leave(id);
    }
  }

  private static final class Lane {
    /** Requests between {@link #join} and leave; guarded by the map. */
    int travellers;

    /** Requests that ever joined; guarded by the map. */
    long joined;

    private final Gate[] gates;

    Lane(int gateCount) {
      gates = new Gate[gateCount];
      for (int i = 0; i < gateCount; i++) {
        gates[i] = new Gate();
      }
    }

    void pass(int index, long number, Runnable action) {
      Gate gate = gates[index];
      Runnable next = gate.arrive(number, action);
      while (next != null) {
        next.run();
        next = gate.advance();
      }
    }
  }

  /** Guarded by itself. */
  private static final class Gate {
    private final Map<Long, Runnable> early = new HashMap<>(2);
    private long turn;
    private boolean isOccupied;

    /** The action if it is its turn; it is kept otherwise. */
    synchronized @Nullable Runnable arrive(long number, Runnable action) {
      if (number == turn && !isOccupied) {
        isOccupied = true;
        return action;
      }
      early.put(number, action);
      return null;
    }

    synchronized @Nullable Runnable advance() {
      turn++;
      Runnable next = early.remove(turn);
      isOccupied = next != null;
      return next;
    }
  }
}
