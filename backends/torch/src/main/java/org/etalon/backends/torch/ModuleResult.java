package org.etalon.backends.torch;

import ai.djl.pytorch.jni.PyTorchLibrary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a module returned: a tensor, a tuple or list of tensors, or a dictionary of them. Owned by
 * one thread.
 */
final class ModuleResult implements AutoCloseable {
  private final TensorApi api;
  private final ModelLabel label;
  private final long[] tensors;

  /** For a dictionary: the place of each key. */
  private final Map<String, Integer> places;

  private ModuleResult(
      TensorApi api, ModelLabel label, long[] tensors, Map<String, Integer> places) {
    this.api = api;
    this.label = label;
    this.tensors = tensors;
    this.places = places;
  }

  /**
   * @param value borrowed until this returns
   * @throws org.etalon.inference.ServingException UNIMPLEMENTED if there is something else in it
   */
  static ModuleResult of(long value, TensorApi api, ModelLabel label) {
    if (PyTorchLibrary.iValueIsTensor(value)) {
      return listed(api, label, PyTorchLibrary.iValueToTensor(value));
    }
    if (PyTorchLibrary.iValueIsTensorList(value)) {
      return listed(api, label, PyTorchLibrary.iValueToTensorList(value));
    }
    if (PyTorchLibrary.iValueIsTuple(value)) {
      return listed(api, label, tensors(PyTorchLibrary.iValueToIValueTuple(value), api, label));
    }
    if (PyTorchLibrary.iValueIsList(value)) {
      return listed(api, label, tensors(PyTorchLibrary.iValueToIValueList(value), api, label));
    }
    if (PyTorchLibrary.iValueIsMap(value)) {
      return dictionary(PyTorchLibrary.iValueToMap(value), api, label);
    }
    throw unsupported(value, label);
  }

  private static ModuleResult listed(TensorApi api, ModelLabel label, long... tensors) {
    return new ModuleResult(api, label, tensors, Map.of());
  }

  private static ModuleResult dictionary(long[] pairs, TensorApi api, ModelLabel label) {
    long[] values = new long[pairs.length / 2];
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < values.length; i++) {
      places.put(PyTorchLibrary.iValueToString(pairs[2 * i]), i);
      PyTorchLibrary.torchDeleteIValue(pairs[2 * i]);
      values[i] = pairs[2 * i + 1];
    }
    return new ModuleResult(api, label, tensors(values, api, label), places);
  }

  /** The tensors of some values, which are freed. */
  private static long[] tensors(long[] values, TensorApi api, ModelLabel label) {
    long[] tensors = new long[values.length];
    try {
      for (int i = 0; i < values.length; i++) {
        if (!PyTorchLibrary.iValueIsTensor(values[i])) {
          free(api, tensors);
          throw unsupported(values[i], label);
        }
        tensors[i] = PyTorchLibrary.iValueToTensor(values[i]);
      }
      return tensors;
    } finally {
      for (long value : values) {
        PyTorchLibrary.torchDeleteIValue(value);
      }
    }
  }

  private static RuntimeException unsupported(long value, ModelLabel label) {
    return label.unsupported(
        "the model returned %s (expected: tensors, in a tuple, list or dictionary if there are several)"
            .formatted(PyTorchLibrary.iValueGetType(value)));
  }

  /**
   * The tensor of an output: by its name out of a dictionary, else by its place.
   *
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if there is none
   */
  long tensor(int place, String name) {
    int at = places.isEmpty() ? place : places.getOrDefault(name, tensors.length);
    if (at >= tensors.length) {
      throw label.invalid(
          "output '%s' is not among what the model returned (expected: %s)"
              .formatted(
                  name, places.isEmpty() ? returned() : List.copyOf(places.keySet()).toString()));
    }
    return tensors[at];
  }

  private String returned() {
    return tensors.length == 1 ? "OUTPUT__0 alone" : "OUTPUT__0 to OUTPUT__" + (tensors.length - 1);
  }

  private static void free(TensorApi api, long[] tensors) {
    for (long tensor : tensors) {
      if (tensor != 0) {
        api.delete(tensor);
      }
    }
  }

  @Override
  public void close() {
    free(api, tensors);
  }
}
