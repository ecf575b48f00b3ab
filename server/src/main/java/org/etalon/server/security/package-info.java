/**
 * Who may do what: tokens and their rights ({@link org.etalon.server.security.AccessControl}), and
 * connections under TLS ({@link org.etalon.server.security.TlsFiles}). Knows neither HTTP nor gRPC;
 * both fronts ask it.
 */
@NullMarked
package org.etalon.server.security;

import org.jspecify.annotations.NullMarked;
