package org.etalon.engine.scheduling;

/** A model and one of its versions, as messages name it. */
record VersionName(String model, long version) {
  @Override
  public String toString() {
    return model + "/" + version;
  }
}
