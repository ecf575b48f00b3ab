/**
 * Tries new versions before they reach their users. Start at {@link
 * org.etalon.engine.promotion.VersionTrial}.
 */
@NullMarked
package org.etalon.engine.promotion;

import org.jspecify.annotations.NullMarked;
