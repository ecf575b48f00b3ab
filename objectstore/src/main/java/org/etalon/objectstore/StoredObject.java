package org.etalon.objectstore;

/**
 * An object as a listing tells it.
 *
 * @param bytes its size
 * @param etag what changes when its content does, with its quotation marks
 */
record StoredObject(String key, long bytes, String etag) {}
