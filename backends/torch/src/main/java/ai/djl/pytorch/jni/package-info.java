/**
 * The native methods of DJL's library for PyTorch, declared where it looks for them; see {@code
 * org.etalon.backends.torch}.
 */
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
