/** The one class of DJL's that its native library throws; see {@code org.etalon.backends.torch}. */
@NullMarked
package ai.djl.engine;

import org.jspecify.annotations.NullMarked;
