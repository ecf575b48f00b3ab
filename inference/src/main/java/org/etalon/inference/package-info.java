/**
 * The words everyone shares: {@link Tensor}, {@link InferenceRequest}, {@link InferenceResponse}
 * and the one interface through which an analysis sees a model, {@link InferenceService}.
 *
 * <p>Nothing here knows of transports, frameworks or gravitational waves.
 */
@NullMarked
package org.etalon.inference;

import org.jspecify.annotations.NullMarked;
