/**
 * Serves models inside this process: {@link Engine} is the one way in, built from an {@link
 * EngineConfig}, closed with {@link Engine#close}.
 *
 * <p>The engine owns a request from {@link Engine#submit} until its handler has had the last
 * answer. It knows no network; what runs a framework's models stands behind {@link
 * org.etalon.engine.backend.Backend}.
 */
@NullMarked
package org.etalon.engine;

import org.etalon.engine.config.EngineConfig;
import org.jspecify.annotations.NullMarked;
