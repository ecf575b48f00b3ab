@NullMarked
package org.etalon.engine.repository;

import org.jspecify.annotations.NullMarked;
