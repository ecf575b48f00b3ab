package org.etalon.engine.status;

/** Why a batch was closed, and not left open for further requests. */
public enum BatchReason {
  /** It was as large as batches may be, or all slots of an instance had something to run. */
  FULL,
  /** It was of a preferred size, or enough slots had something to run. */
  PREFERRED,
  /** Its oldest request had waited as long as it should. */
  DELAY,
  /** An instance was free, and no delay is configured. */
  FREE,
  /** The next request did not fit: too many rows, or tensors of other shapes. */
  MISFIT,
  /** It can only run alone: the model does not batch, or its batch had failed. */
  ALONE
}
