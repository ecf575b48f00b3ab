package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.status.BatchReason;
import org.etalon.inference.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * Requests to be run together, in the order of their rows. Immutable.
 *
 * @param requests placeholders among them where a slot has nothing to run; none at all in a batch
 *     that only brings news
 * @param sequences of the requests, in their order, null at placeholders; empty for a model without
 *     sequences
 * @param dropped sequences that ended without their last request: the instance is to be told
 * @param expired requests that waited longer than they may: to be refused
 * @param reason why it was closed
 */
record ScheduledBatch(
    List<PendingRequest> requests,
    List<@Nullable LiveSequence> sequences,
    List<Sequence.Id> dropped,
    List<PendingRequest> expired,
    BatchReason reason) {

  /** One request that runs alone. */
  static ScheduledBatch of(PendingRequest request, List<@Nullable LiveSequence> sequences) {
    return new ScheduledBatch(List.of(request), sequences, List.of(), List.of(), BatchReason.ALONE);
  }

  /** The same with only the request of that index; the slots of the others are empty. */
  ScheduledBatch alone(int index, boolean keepsRows) {
    PendingRequest request = requests.get(index);
    if (!keepsRows) {
      return new ScheduledBatch(
          List.of(request),
          sequences.isEmpty() ? List.of() : sequences.subList(index, index + 1),
          List.of(),
          List.of(),
          BatchReason.ALONE);
    }
    List<PendingRequest> rows = new ArrayList<>(requests.size());
    List<@Nullable LiveSequence> kept = new ArrayList<>(requests.size());
    PendingRequest placeholder = PendingRequest.placeholderLike(request);
    for (int i = 0; i < requests.size(); i++) {
      rows.add(i == index ? request : placeholder);
      kept.add(i == index ? sequences.get(i) : null);
    }
    return new ScheduledBatch(rows, kept, List.of(), List.of(), BatchReason.ALONE);
  }

  /** True if there is something to run. */
  boolean hasRequests() {
    return !requests.isEmpty();
  }

  /** Requests but for placeholders. */
  int requestCount() {
    int count = 0;
    for (int i = 0; i < requests.size(); i++) {
      if (!requests.get(i).isPlaceholder()) {
        count++;
      }
    }
    return count;
  }
}
