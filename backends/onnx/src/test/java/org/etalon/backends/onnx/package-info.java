@NullMarked
package org.etalon.backends.onnx;

import org.jspecify.annotations.NullMarked;
