@NullMarked
package org.etalon.analysis.report;

import org.jspecify.annotations.NullMarked;
