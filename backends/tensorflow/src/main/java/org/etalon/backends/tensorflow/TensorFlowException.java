package org.etalon.backends.tensorflow;

/** A status of TensorFlow's other than OK. */
final class TensorFlowException extends Exception {
  private static final long serialVersionUID = 1;
  private static final int INVALID_ARGUMENT = 3;
  private static final int UNIMPLEMENTED = 12;
  private static final int MAX_MESSAGE = 600;

  private final int code;

  /**
   * @param code of {@code TF_Code}
   */
  TensorFlowException(int code, String message) {
    super(inOneLine(message));
    this.code = code;
  }

  private static String inOneLine(String message) {
    String line = message.strip().replaceAll("\\s*\\n\\s*", " ");
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
  }

  boolean isInvalidArgument() {
    return code == INVALID_ARGUMENT;
  }

  boolean isUnimplemented() {
    return code == UNIMPLEMENTED;
  }
}
