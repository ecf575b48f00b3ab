/**
 * Model repositories in object stores that speak the S3 protocol. Start at {@link
 * org.etalon.objectstore.ObjectRepository}.
 *
 * <p>A model's objects are copied into a private folder, each with the size and ETag that the store
 * listed, and only then shown to the engine. Nothing here knows of models' formats.
 */
@NullMarked
package org.etalon.objectstore;

import org.jspecify.annotations.NullMarked;
