@NullMarked
package org.etalon.server.grpc;

import org.jspecify.annotations.NullMarked;
