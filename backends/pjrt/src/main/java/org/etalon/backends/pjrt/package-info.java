/**
 * Runs StableHLO programs through the C interface of PJRT plugins: XLA's for the processor,
 * Google's libtpu, or a vendor's. Start at {@link PjrtBackend}.
 */
@NullMarked
package org.etalon.backends.pjrt;

import org.jspecify.annotations.NullMarked;
