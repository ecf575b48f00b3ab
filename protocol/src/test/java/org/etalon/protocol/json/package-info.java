/** Tests of the protocol's JSON and binary forms. */
@NullMarked
package org.etalon.protocol.json;

import org.jspecify.annotations.NullMarked;
