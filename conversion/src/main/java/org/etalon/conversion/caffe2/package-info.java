/**
 * Rewrites Caffe2's networks ({@code init_net.pb} with the weights, {@code predict_net.pb} with the
 * operators) as ONNX. Start at {@link Caffe2Import}.
 *
 * <p>Caffe2 names its values by blobs, which operators may overwrite; ONNX gives every value a name
 * of its own. {@link Translation} keeps, for each blob, the value that it holds at the moment.
 */
@NullMarked
package org.etalon.conversion.caffe2;

import org.jspecify.annotations.NullMarked;
