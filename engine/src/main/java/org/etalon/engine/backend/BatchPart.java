package org.etalon.engine.backend;

import org.etalon.inference.InferenceRequest;

/** What one request brings to a batch: its rows follow those of the one before. */
public interface BatchPart {
  /** As it was asked, but for its inputs, which are the batch's. */
  InferenceRequest request();

  int rows();
}
