@org.jspecify.annotations.NullMarked
package org.etalon.backends.repeat;
