/**
 * Live frames and alerts that come and go by other ways than files: what a feed offers, and how one
 * is found by its address. Start at {@link org.etalon.strain.feed.Feed}.
 */
@NullMarked
package org.etalon.strain.feed;

import org.jspecify.annotations.NullMarked;
