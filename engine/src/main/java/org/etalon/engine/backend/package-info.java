/**
 * What a framework has to offer to run models here: implement {@link Backend}, name the class in
 * {@code META-INF/services/org.etalon.engine.backend.Backend}, and {@code backend:} or {@code
 * platform:} in a {@code config.pbtxt} selects it.
 *
 * <p>A backend loads a version of a model once ({@link BackendModel}) and runs it in instances
 * ({@link ModelInstance}), each used by one platform thread of the engine's. It sees whole batches:
 * gathering requests into them and handing their rows back is the engine's work.
 */
@NullMarked
package org.etalon.engine.backend;

import org.jspecify.annotations.NullMarked;
