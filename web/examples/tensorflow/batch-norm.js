import * as tf from "@tensorflow/tfjs";
import { load } from "backnorm";

const bn = await load();

/**
 * Batch norm in training mode, for whatever tf.grads, tf.variableGrads or an optimizer differentiates: both passes are
 * those of backnorm, and x, gamma and beta all have gradients.
 *
 * x: a float32 tensor of rank 2 to 5, its channels last. gamma, beta: one value per channel. The variance is that of
 * the population (/m). Gradients of the first order only, and backends that can read their tensors synchronously:
 * cpu, wasm, webgl.
 */
export function batchNorm(x, gamma, beta, eps = 1e-3) {
  const normalize = tf.customGrad((x, gamma, beta) => {
    const { y, cache } = bn.forward(x.dataSync(), {
      shape: x.shape,
      layout: "channels-last",
      gamma: gamma.dataSync(),
      beta: beta.dataSync(),
      eps,
    });
    const gradFunc = (dy) => {
      const { dx, dgamma, dbeta } = bn.backward(dy.dataSync(), cache);
      return [tf.tensor(dx, x.shape), tf.tensor1d(dgamma), tf.tensor1d(dbeta)];
    };
    return { value: tf.tensor(y, x.shape), gradFunc };
  });
  return normalize(x, gamma, beta);
}
