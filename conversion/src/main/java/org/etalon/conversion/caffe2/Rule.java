package org.etalon.conversion.caffe2;

import java.io.IOException;

/** How an operator of one type is written in ONNX. */
interface Rule {
  /**
   * @throws IOException if this one means something that cannot be written; the message names it
   */
  void translate(Step step) throws IOException;
}
