@NullMarked
package org.etalon.conversion.caffe2;

import org.jspecify.annotations.NullMarked;
