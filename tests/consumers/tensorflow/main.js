// batchNorm beside the same of TensorFlow.js alone: value and gradients of a matrix and of images, and the losses of a
// small model while it is trained through either. Writes all numbers as JSON.
import * as tf from "@tensorflow/tfjs";
import { batchNorm } from "./batch-norm.js";

await tf.setBackend("cpu");

/** What TensorFlow.js differentiates by itself. */
function throughMoments(x, gamma, beta, eps) {
  const allButChannels = x.shape.slice(0, -1).map((_, axis) => axis);
  const { mean, variance } = tf.moments(x, allButChannels);
  return x.sub(mean).mul(variance.add(eps).rsqrt()).mul(gamma).add(beta);
}

const random = (seed, shape, mean = 0, std = 1) => tf.randomNormal(shape, mean, std, "float32", seed);
const eps = 1e-3;

function passes(normalize, shape) {
  const channels = shape.slice(-1);
  const x = random(1, shape, 0.1, 0.3);
  const gamma = random(2, channels, 1, 0.3);
  const beta = random(3, channels);
  const dy = random(4, shape);
  const f = (x, gamma, beta) => normalize(x, gamma, beta, eps);
  const [dx, dgamma, dbeta] = tf.grads(f)([x, gamma, beta], dy);
  const tensors = { x, gamma, beta, dy, y: f(x, gamma, beta), dx, dgamma, dbeta };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
}

/** The loss of each step of a model that learns in which quarter of the plane a point lies. */
function losses(normalize) {
  const points = random(5, [32, 2]);
  const [right, up] = points.greater(0).toFloat().split(2, 1);
  const labels = tf.oneHot(right.mul(2).add(up).squeeze().toInt(), 4);
  const first = tf.variable(random(6, [2, 8]));
  const gamma = tf.variable(tf.ones([8]));
  const beta = tf.variable(tf.zeros([8]));
  const second = tf.variable(random(7, [8, 4], 0, 0.3));
  const optimizer = tf.train.sgd(0.5);
  const loss = () => {
    const hidden = normalize(points.matMul(first), gamma, beta, eps).tanh();
    return tf.losses.softmaxCrossEntropy(labels, hidden.matMul(second));
  };
  return Array.from({ length: 10 }, () => optimizer.minimize(loss, true).dataSync()[0]);
}

const beside = (of) => ({ backnorm: of(batchNorm), tensorflow: of(throughMoments) });
const matrix = beside((normalize) => passes(normalize, [16, 5]));
const images = beside((normalize) => passes(normalize, [3, 4, 2, 6]));
console.log(JSON.stringify({ matrix, images, losses: beside(losses) }));
