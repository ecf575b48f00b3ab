@NullMarked
package org.etalon.feeds.kafka;

import org.jspecify.annotations.NullMarked;
