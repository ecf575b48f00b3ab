/**
 * Strain across many files: folders, cache files, and folders in which files appear while they are
 * read. Start at {@link org.etalon.strain.source.StrainCatalog} and {@link
 * org.etalon.strain.source.StrainSource}.
 *
 * <p>A catalog knows files by their names (LIGO-T050017) and opens none that says what it holds. A
 * source reads them one after another and gives chunks in order of time, with the gaps between them
 * where there is no data.
 */
@NullMarked
package org.etalon.strain.source;

import org.jspecify.annotations.NullMarked;
