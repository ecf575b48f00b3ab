/**
 * Models without a framework, for the tests of everything above the engine. Start at {@link
 * org.etalon.engine.testing.FakeBackend} and {@link org.etalon.engine.testing.FakeRepository}.
 */
@NullMarked
package org.etalon.engine.testing;

import org.jspecify.annotations.NullMarked;
