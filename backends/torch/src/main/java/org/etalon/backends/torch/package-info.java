/**
 * Runs TorchScript models with libtorch, through the native library of DJL's PyTorch engine. Start
 * at {@link TorchBackend}.
 *
 * <p>Of DJL only {@code libdjl_torch} is used, whose native methods are declared in {@code
 * ai.djl.pytorch.jni}; so there is no Java library to install beside the native ones, nothing that
 * unpacks, fetches or logs by itself, and a batch costs a dozen native calls and no registered
 * array objects (docs/performance.md compares the two).
 */
@NullMarked
package org.etalon.backends.torch;

import org.jspecify.annotations.NullMarked;
