package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/** One version's part of the {@link ResponseCache}. Thread-safe. */
final class CachedAnswers implements AutoCloseable {
  private static final int MAX_RANK = 64;
  private static final int PART_BYTES = 8 << 10;

  private final ResponseCache cache;
  private final VersionStatistics statistics;
  private final int inputCount;
  private final long owner;

  /**
   * @param statistics told of hits and misses
   * @param inputCount inputs of the model
   */
  CachedAnswers(ResponseCache cache, VersionStatistics statistics, int inputCount) {
    this.cache = cache;
    this.statistics = statistics;
    this.inputCount = inputCount;
    this.owner = cache.newOwner();
  }

  /**
   * The outputs of the same request before; null if there are none, and then the answer to this one
   * is kept.
   */
  @Nullable List<Tensor> find(PendingRequest request) {
    long start = System.nanoTime();
    ResponseCache.Key key = key(request);
    List<Tensor> found = cache.find(key);
    long end = System.nanoTime();
    if (found == null) {
      request.answerTo(new Keeper(key, request.handler(), end - start));
    } else {
      statistics.cacheHit(end - start, end - request.arrivalNanos());
    }
    return found;
  }

  /** A digest that nobody can find two requests for, since they may come from two users. */
  private ResponseCache.Key key(PendingRequest request) {
    MessageDigest digest = sha256();
    ByteBuffer numbers = ByteBuffer.allocate(Long.BYTES * (MAX_RANK + 2));
    for (int i = 0; i < inputCount; i++) {
      Tensor input = request.input(i);
      update(digest, numbers, input);
      if (input != null) {
        update(digest, input.data());
      }
    }
    numbers.clear();
    for (int i = 0; i < request.outputCount(); i++) {
      if (!numbers.hasRemaining()) {
        digest.update(numbers.flip());
        numbers.clear();
      }
      numbers.putLong(request.output(i));
    }
    digest.update(numbers.flip());
    ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
    return new ResponseCache.Key(
        owner, bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  /** Rank, dimensions and size, so that no two different lists of tensors are the same bytes. */
  private static void update(MessageDigest digest, ByteBuffer numbers, @Nullable Tensor input) {
    numbers.clear();
    if (input == null) {
      numbers.putLong(-1);
    } else {
      int rank = input.shape().rank();
      numbers.putLong(rank).putLong(input.data().byteSize());
      for (int i = 0; i < rank; i++) {
        if (!numbers.hasRemaining()) {
          digest.update(numbers.flip());
          numbers.clear();
        }
        numbers.putLong(input.shape().dim(i));
      }
    }
    digest.update(numbers.flip());
  }

  private static void update(MessageDigest digest, MemorySegment data) {
    byte[] part = new byte[(int) Math.min(PART_BYTES, data.byteSize())];
    for (long offset = 0; offset < data.byteSize(); offset += part.length) {
      int length = (int) Math.min(part.length, data.byteSize() - offset);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, offset, part, 0, length);
      digest.update(part, 0, length);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Gives the version's share of the cache back. */
  @Override
  public void close() {
    cache.forget(owner);
  }

  /** Keeps the answer on its way to the asker. */
  private final class Keeper implements ResponseHandler {
    private final ResponseCache.Key key;
    private final ResponseHandler asker;
    private final long lookupNanos;

    Keeper(ResponseCache.Key key, ResponseHandler asker, long lookupNanos) {
      this.key = key;
      this.asker = asker;
      this.lookupNanos = lookupNanos;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      long start = System.nanoTime();
      cache.keep(key, response.outputs());
      statistics.cacheMiss(lookupNanos + System.nanoTime() - start);
      asker.onResponse(response, isLast);
    }

    @Override
    public void onError(ServingException error) {
      statistics.cacheMiss(lookupNanos);
      asker.onError(error);
    }
  }
}
