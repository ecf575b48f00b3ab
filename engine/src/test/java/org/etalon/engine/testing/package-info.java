/**
 * Models without a framework, for the tests of everything above the engine: {@link
 * org.etalon.engine.testing.FakeBackend} and {@link org.etalon.engine.testing.FakeRepository}; and
 * what the tests of all backends need: {@link org.etalon.engine.testing.BackendFixture}.
 */
@NullMarked
package org.etalon.engine.testing;

import org.jspecify.annotations.NullMarked;
