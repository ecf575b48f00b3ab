/**
 * Groups requests into batches and runs them. Start at {@link
 * org.etalon.engine.scheduling.ServedVersion#submit}.
 *
 * <p>A version owns a request from {@code submit} until its handler has had the last answer. Each
 * instance has a platform thread of its own that takes batches from the version's queue; there is
 * no dispatcher in between. Nothing here knows of repositories, transports or frameworks.
 */
@NullMarked
package org.etalon.engine.scheduling;

import org.jspecify.annotations.NullMarked;
