@NullMarked
package org.etalon.analysis.search;

import org.jspecify.annotations.NullMarked;
