/**
 * The operators on streams as models: {@link StreamingBackend} is the entry point, found by {@link
 * java.util.ServiceLoader}; {@code org.etalon.strain.stream} does the work.
 *
 * <p>A model of it has no file. Its {@code config.pbtxt} says {@code backend: "streaming"} and, in
 * {@code parameters}, which {@code operator} with which settings; tensors, sequences and what the
 * operator's memory is are completed from these.
 */
@NullMarked
package org.etalon.backends.streaming;

import org.jspecify.annotations.NullMarked;
