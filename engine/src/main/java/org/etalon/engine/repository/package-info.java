/**
 * Finds models in folders, loads and replaces them, and says which version answers a request. Start
 * at {@link org.etalon.engine.repository.ModelRepository}.
 *
 * <p>A version is loaded, warmed up and compared with the model's reference before it is published;
 * what it replaces serves until then, and goes on if it fails. One model's loads and unloads run
 * one after another, those of different models side by side.
 */
@NullMarked
package org.etalon.engine.repository;

import org.jspecify.annotations.NullMarked;
