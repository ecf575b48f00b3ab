/**
 * Reports that are one file: start at {@link org.etalon.analysis.report.HtmlPage}, with pictures
 * from {@link org.etalon.analysis.report.Plot}. Knows of no analysis.
 *
 * <p>Pictures are written as SVG here rather than by a plotting library: the libraries draw text
 * through AWT, which fails where a machine has no fonts, as servers and containers often do.
 */
@NullMarked
package org.etalon.analysis.report;

import org.jspecify.annotations.NullMarked;
