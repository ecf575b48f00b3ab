package org.etalon.protocol.json;

import org.etalon.inference.InferenceRequest;

/**
 * An inference request and the form its answer is wanted in.
 *
 * @param request its binary tensors are slices of the memory that was decoded
 */
public record DecodedRequest(InferenceRequest request, BinaryOutputs binaryOutputs) {}
