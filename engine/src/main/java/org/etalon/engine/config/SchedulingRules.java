package org.etalon.engine.config;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelQueuePolicy;

/** Rules of how requests wait and are grouped. */
final class SchedulingRules {
  /** The longest time that a count of nanoseconds can hold, 292 years. */
  private static final long MAX_MICROSECONDS = TimeUnit.NANOSECONDS.toMicros(Long.MAX_VALUE);

  /** Each has a queue of its own. */
  private static final long MAX_LEVELS = 1_000;

  private SchedulingRules() {}

  static void check(ModelConfig config, FaultList faults) {
    boolean isDecoupled = config.getModelTransactionPolicy().getDecoupled();
    if (isDecoupled && config.getResponseCache().getEnable()) {
      faults.add("response_cache.enable", "true (expected: false for a decoupled model)");
    }
    if (!config.hasDynamicBatching()) {
      return;
    }
    ModelDynamicBatching batching = config.getDynamicBatching();
    List<Integer> preferred = batching.getPreferredBatchSizeList();
    int most = config.getMaxBatchSize();
    if (preferred.stream().anyMatch(size -> size < 1 || size > most)) {
      faults.add(
          "dynamic_batching.preferred_batch_size",
          "%s (expected: each from 1 to max_batch_size, which is %d)".formatted(preferred, most));
    }
    checkTime(
        "dynamic_batching.max_queue_delay_microseconds",
        batching.getMaxQueueDelayMicroseconds(),
        faults);
    checkPriorities(batching, faults);
    checkQueue("dynamic_batching.default_queue_policy", batching.getDefaultQueuePolicy(), faults);
    batching
        .getPriorityQueuePolicyMap()
        .forEach((level, policy) ->
            checkQueue(
                "dynamic_batching.priority_queue_policy[\"%d\"]".formatted(level), policy, faults));
  }

  private static void checkPriorities(ModelDynamicBatching batching, FaultList faults) {
    long levels = batching.getPriorityLevels();
    if (Long.compareUnsigned(levels, MAX_LEVELS) > 0) {
      faults.add(
          "dynamic_batching.priority_levels",
          "%s (expected: at most %d)".formatted(Long.toUnsignedString(levels), MAX_LEVELS));
    }
    long standard = batching.getDefaultPriorityLevel();
    boolean isLevel = standard != 0 && Long.compareUnsigned(standard, levels) <= 0;
    if (levels == 0 ? standard != 0 : !isLevel) {
      faults.add(
          "dynamic_batching.default_priority_level",
          "%s (expected: %s)"
              .formatted(
                  Long.toUnsignedString(standard),
                  levels == 0
                      ? "priority_levels given too"
                      : "a level from 1 to " + Long.toUnsignedString(levels)));
    }
    for (long level : batching.getPriorityQueuePolicyMap().keySet()) {
      if (level == 0 || Long.compareUnsigned(level, levels) > 0) {
        faults.add(
            "dynamic_batching.priority_queue_policy[\"%d\"]".formatted(level),
            "%s is no level (expected: 1 to priority_levels, which is %s)"
                .formatted(Long.toUnsignedString(level), Long.toUnsignedString(levels)));
      }
    }
  }

  private static void checkQueue(String path, ModelQueuePolicy policy, FaultList faults) {
    checkTime(
        path + ".default_timeout_microseconds", policy.getDefaultTimeoutMicroseconds(), faults);
    if (policy.getMaxQueueSize() < 0) {
      faults.add(
          path + ".max_queue_size",
          "%s (expected: at most %d)"
              .formatted(Integer.toUnsignedString(policy.getMaxQueueSize()), Integer.MAX_VALUE));
    }
  }

  private static void checkTime(String path, long microseconds, FaultList faults) {
    if (Long.compareUnsigned(microseconds, MAX_MICROSECONDS) > 0) {
      faults.add(
          path,
          "%s us (expected: at most %d)"
              .formatted(Long.toUnsignedString(microseconds), MAX_MICROSECONDS));
    }
  }
}
