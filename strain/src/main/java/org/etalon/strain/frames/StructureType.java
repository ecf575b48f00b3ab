package org.etalon.strain.frames;

import java.util.ArrayList;
import java.util.List;

/** A class of structures: its name (FrSH) and its fields (the FrSE that follow). */
final class StructureType {
  private final String name;
  private final List<Field> fields = new ArrayList<>();

  StructureType(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  List<Field> fields() {
    return fields;
  }

  void add(Field field) {
    fields.add(field);
  }
}
