package org.etalon.engine.repository;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.etalon.engine.config.PromotionLimits;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.VersionGate;
import org.etalon.inference.InferenceRequest;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * The requests that a canary is given, and what came of them. Thread-safe: counts are guarded by
 * this.
 *
 * <p>Nobody suffers from a canary: what it fails at, the version in production answers, and where
 * scores are limited both answer and one too far off is not sent.
 */
final class CanaryTrial {
  private static final int FEWEST = 100;
  private static final double ONE_IN_A_HUNDRED = 0.01;

  private final VersionGate gate;
  private final Canary canary;
  private final Consumer<String> failed;
  private final AtomicLong seen = new AtomicLong();
  private final LimitCount errors;
  private final @Nullable LimitCount latency;
  private final List<LimitCount> shifts = new ArrayList<>();

  /** How many requests it was given; guarded by this. */
  private long given;

  private volatile boolean isOver;

  /**
   * @param failed told once why the canary is to be taken back
   */
  CanaryTrial(VersionGate gate, Canary canary, Consumer<String> failed) {
    this.gate = gate;
    this.canary = canary;
    this.failed = failed;
    PromotionLimits limits = PromotionLimits.of(gate.served().config());
    this.errors = new LimitCount("errors", 0, limits.maxErrorRate(), FEWEST);
    this.latency =
        limits.canaryP99Ms().isPresent()
            ? new LimitCount(
                "latency p99, ms", limits.canaryP99Ms().getAsDouble(), ONE_IN_A_HUNDRED, FEWEST)
            : null;
    limits
        .maxShift()
        .ifPresent(limit -> shifts.add(new LimitCount("score shift, greatest", limit, 0, FEWEST)));
    limits
        .p99Shift()
        .ifPresent(limit ->
            shifts.add(new LimitCount("score shift, p99", limit, ONE_IN_A_HUNDRED, FEWEST)));
  }

  VersionGate gate() {
    return gate;
  }

  Canary canary() {
    return canary;
  }

  /**
   * True if this request is one of the canary's share: every so many-th of those that could be. The
   * requests of a sequence, and those answered any number of times, stay where they are.
   */
  boolean takes(InferenceRequest request) {
    if (isOver || request.sequence().isPresent() || isDecoupled(gate.served().config())) {
      return false;
    }
    long index = seen.getAndIncrement();
    return Math.floor((index + 1) * canary.share()) > Math.floor(index * canary.share());
  }

  private static boolean isDecoupled(ModelConfig config) {
    return config.getModelTransactionPolicy().getDecoupled();
  }

  /** True if answers are compared with those of the version in production. */
  boolean comparesScores() {
    return !shifts.isEmpty();
  }

  /**
   * Asks the canary.
   *
   * @param production asks the version in production
   */
  InferenceCall submit(
      InferenceRequest request,
      ResponseHandler handler,
      BiFunction<InferenceRequest, ResponseHandler, InferenceCall> production) {
    synchronized (this) {
      given++;
    }
    CanaryRequest tried = new CanaryRequest(this, request, handler, production);
    return tried.begin();
  }

  /** The canary answered, after so long. */
  void answered(long nanos) {
    String reason = null;
    synchronized (this) {
      errors.add(0);
      if (latency != null) {
        latency.add(nanos / 1e6);
        reason = latency.isBroken() ? latency.text() : null;
      }
    }
    end(reason);
  }

  /** The canary failed at what the version in production then answered. */
  void erred(String message) {
    String reason;
    synchronized (this) {
      errors.add(1);
      reason = errors.isBroken() ? errors.text() + ", the last: " + message : null;
    }
    end(reason);
  }

  /**
   * Both answered.
   *
   * @return true if the canary's answer may be sent
   */
  boolean compared(double shift) {
    String reason = null;
    boolean isGood = true;
    synchronized (this) {
      for (LimitCount count : shifts) {
        count.add(shift);
        isGood &= count.isWithin(shift);
        if (count.isBroken()) {
          reason = count.text();
        }
      }
    }
    end(reason);
    return isGood;
  }

  private void end(@Nullable String reason) {
    if (reason == null) {
      return;
    }
    synchronized (this) {
      if (isOver) {
        return;
      }
      isOver = true;
    }
    failed.accept(reason);
  }

  /** What the index says of it. */
  synchronized String text() {
    return "canary: %s of the requests, %d so far; %s"
        .formatted(canary.share(), given, errors.text());
  }
}
