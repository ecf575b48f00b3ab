/**
 * The Open Inference Protocol's JSON and binary tensor forms: {@link
 * org.etalon.protocol.json.JsonRequestDecoder} reads an inference request in place, {@link
 * org.etalon.protocol.json.JsonResponseEncoder} writes the answer, {@link
 * org.etalon.protocol.json.JsonText} everything else.
 *
 * <p>Nothing here knows how bytes come or go. What a client sent wrong is an {@code
 * INVALID_ARGUMENT} that says where in the document, by JSON pointer, and which tensor.
 */
@NullMarked
package org.etalon.protocol.json;

import org.jspecify.annotations.NullMarked;
