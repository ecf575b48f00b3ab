package org.etalon.strain.frames;

/** Names a structure within its frame: the id of its class and its number. */
record Reference(int classId, long instance) {
  boolean isNull() {
    return classId == 0 && instance == 0;
  }
}
