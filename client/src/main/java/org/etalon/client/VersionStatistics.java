package org.etalon.client;

/**
 * What a version has done since it was loaded, as its server tells.
 *
 * @param rows answered
 * @param batches run
 * @param request from arrival to answer, of answered requests
 * @param queue waiting for an instance
 * @param computeInput gathering inputs, as the next two a request
 * @param computeInfer in the model
 * @param computeOutput handing outputs over
 * @param cacheHits requests answered from the cache
 * @param cacheMisses requests looked for there in vain
 * @param memoryBytes that the version holds; 0 if the server does not tell
 */
public record VersionStatistics(
    String model,
    long version,
    long rows,
    long batches,
    Total request,
    Total failed,
    Total queue,
    Total computeInput,
    Total computeInfer,
    Total computeOutput,
    long cacheHits,
    long cacheMisses,
    long memoryBytes) {
  /** How often, and how long together. */
  public record Total(long count, long nanos) {
    private static final double NANOS_PER_MILLI = 1e6;

    /** 0 if there was none. */
    public double meanMillis() {
      return count == 0 ? 0 : nanos / NANOS_PER_MILLI / count;
    }
  }
}
