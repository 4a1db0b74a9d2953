// Value and gradients of batch norm on a matrix and on images. Writes all numbers as JSON.
import * as tf from "@tensorflow/tfjs";
import { batchNorm } from "./batch-norm.js";

await tf.setBackend("cpu");

const random = (seed, shape, mean = 0, std = 1) => tf.randomNormal(shape, mean, std, "float32", seed);

function passes(shape) {
  const channels = shape.slice(-1);
  const x = random(1, shape, 0.1, 0.3);
  const gamma = random(2, channels, 1, 0.3);
  const beta = random(3, channels);
  const dy = random(4, shape);
  const f = (x, gamma, beta) => batchNorm(x, gamma, beta);
  const [dx, dgamma, dbeta] = tf.grads(f)([x, gamma, beta], dy);
  const tensors = { x, gamma, beta, dy, y: f(x, gamma, beta), dx, dgamma, dbeta };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
}

console.log(JSON.stringify({ matrix: passes([16, 5]), images: passes([3, 4, 2, 6]) }));
