/**
 * Writes ONNX files: a graph is put together in {@link OnnxGraph} and serialized by {@link
 * OnnxWriter}. Knows the format alone, no framework that graphs come from.
 */
@NullMarked
package org.etalon.conversion.onnx;

import org.jspecify.annotations.NullMarked;
