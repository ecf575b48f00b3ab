package org.etalon.objectstore;

import java.util.List;
import java.util.Optional;

/**
 * One page of a listing.
 *
 * @param objects those below the prefix, but for those behind a delimiter
 * @param prefixes what names have in common up to the delimiter, and with it
 * @param next where the next page begins; empty: this is the last
 */
record ObjectListing(List<StoredObject> objects, List<String> prefixes, Optional<String> next) {
  ObjectListing {
    objects = List.copyOf(objects);
    prefixes = List.copyOf(prefixes);
  }
}
