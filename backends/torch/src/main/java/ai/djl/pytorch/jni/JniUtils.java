package ai.djl.pytorch.jni;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where DJL's native library logs: it looks for this class and this field. */
final class JniUtils {
  @SuppressWarnings({"unused", "UnusedVariable", "ConstantField"}) // read by the native library
  private static final Logger logger = LoggerFactory.getLogger(JniUtils.class);

  private JniUtils() {}
}
