// What TensorFlow.js differentiates by itself, in place of the example's batch-norm.js.
import * as tf from "@tensorflow/tfjs";

export function batchNorm(x, gamma, beta, eps = 1e-3) {
  const allButChannels = x.shape.slice(0, -1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, allButChannels);
  return x.sub(mean).mul(variance.add(eps).rsqrt()).mul(gamma).add(beta);
}
