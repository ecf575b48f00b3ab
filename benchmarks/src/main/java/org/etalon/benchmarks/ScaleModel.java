package org.etalon.benchmarks;

/**
 * A service and who asks it. Times in microseconds, for one request of one row where nothing else
 * is said.
 *
 * @param clients that each ask as fast as they get answers
 * @param inFlight requests of a client under way at a time
 * @param clientUs that a client's only thread takes to make a request and use its answer
 * @param networkUs there and back
 * @param servers among which clients are divided evenly
 * @param frontCores of a server that receive and answer
 * @param frontUs of one of them
 * @param devices of a server
 * @param batchUs that a device takes for a batch of whatever size
 * @param rowUs on top, for each row
 * @param maxBatch rows that a device takes together
 */
record ScaleModel(
    int clients,
    int inFlight,
    double clientUs,
    double networkUs,
    int servers,
    int frontCores,
    double frontUs,
    int devices,
    double batchUs,
    double rowUs,
    int maxBatch) {

  ScaleModel withClients(int count) {
    return new ScaleModel(
        count,
        inFlight,
        clientUs,
        networkUs,
        servers,
        frontCores,
        frontUs,
        devices,
        batchUs,
        rowUs,
        maxBatch);
  }

  ScaleModel withServers(int count) {
    return new ScaleModel(
        clients,
        inFlight,
        clientUs,
        networkUs,
        count,
        frontCores,
        frontUs,
        devices,
        batchUs,
        rowUs,
        maxBatch);
  }

  ScaleModel withDevices(int count) {
    return new ScaleModel(
        clients,
        inFlight,
        clientUs,
        networkUs,
        servers,
        frontCores,
        frontUs,
        count,
        batchUs,
        rowUs,
        maxBatch);
  }

  /** Rows a second that no more than this can pass, by what all devices do with whole batches. */
  double deviceLimit() {
    return 1e6 * servers * devices * maxBatch / (batchUs + maxBatch * rowUs);
  }

  /** The same by the cores that receive and answer. */
  double frontLimit() {
    return 1e6 * servers * frontCores / frontUs;
  }

  /** The same by the clients' threads. */
  double clientLimit() {
    return 1e6 * clients / clientUs;
  }
}
