package org.etalon.inference;

/** Kinds of failure; two are different where a client would act differently. */
public enum ErrorCode {
  /** The request itself is wrong: never send it again unchanged. */
  INVALID_ARGUMENT,
  /** There is no such model, version or region. */
  NOT_FOUND,
  /** What was to be made exists. */
  ALREADY_EXISTS,
  /** Not ready, or waited too long: another server may answer, or this one later. */
  UNAVAILABLE,
  /** A queue is full: send it again later, and slower. */
  RESOURCE_EXHAUSTED,
  /** This service or model cannot do it. */
  UNIMPLEMENTED,
  /** The asker gave up. */
  CANCELLED,
  /** The asker's time ran out. */
  DEADLINE_EXCEEDED,
  /** No credentials, or bad ones. */
  UNAUTHENTICATED,
  /** Good credentials without the right. */
  PERMISSION_DENIED,
  /** The service or the model's framework failed. */
  INTERNAL
}
