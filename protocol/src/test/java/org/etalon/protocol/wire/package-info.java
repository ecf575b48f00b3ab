/** Tests of the messages' hand-written encoders and decoders against protobuf's own. */
@NullMarked
package org.etalon.protocol.wire;

import org.jspecify.annotations.NullMarked;
