/** What the engine tells of its models: which there are, what they have done, where they run. */
@NullMarked
package org.etalon.engine.status;

import org.jspecify.annotations.NullMarked;
