package org.etalon.backends.torch;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The {@code forward} of a TorchScript file, as its code says.
 *
 * @param arguments without {@code self}, in order
 * @param result the type, such as {@code Tensor} or {@code Tuple[Tensor, Tensor]}
 */
record ForwardMethod(List<Argument> arguments, String result) {
  /** The one argument of models that take tensors by name. */
  static final String DICTIONARY = "Dict[str, Tensor]";

  private static final String TENSOR = "Tensor";

  ForwardMethod {
    arguments = List.copyOf(arguments);
  }

  /**
   * @param hasDefault true if it may be left out
   */
  record Argument(String name, String type, boolean hasDefault) {
    boolean isTensor() {
      return type.equals(TENSOR);
    }
  }

  boolean takesDictionary() {
    return arguments.size() == 1 && arguments.getFirst().type().equals(DICTIONARY);
  }

  /** The names of the arguments that are tensors, up to the first that is none. */
  List<String> tensorNames() {
    return arguments.stream().takeWhile(Argument::isTensor).map(Argument::name).toList();
  }

  /** {@code forward(strain: Tensor) -> Tensor}. */
  @Override
  public String toString() {
    return arguments.stream()
        .map(argument -> argument.name() + ": " + argument.type())
        .collect(Collectors.joining(", ", "forward(", ") -> " + result));
  }
}
