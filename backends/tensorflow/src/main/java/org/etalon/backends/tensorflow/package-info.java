/**
 * Runs SavedModels with TensorFlow, through the C interface of the library that TensorFlow Java
 * brings. Start at {@link TensorFlowBackend}.
 *
 * <p>Of TensorFlow Java only the native library is used, called through {@code java.lang.foreign}:
 * inputs are read where they lie, and there is no Java library to install beside the native one.
 */
@NullMarked
package org.etalon.backends.tensorflow;

import org.jspecify.annotations.NullMarked;
