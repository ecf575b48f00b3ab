package org.etalon.engine.promotion;

/**
 * One thing that a version has to pass.
 *
 * @param text what was measured and what is allowed
 */
public record Check(String name, boolean isPassed, String text) {}
