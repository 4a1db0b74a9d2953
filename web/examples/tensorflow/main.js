// A small model learns in which quarter of the plane a point lies, with batchNorm as one of its layers. Prints the loss
// of every step.
import * as tf from "@tensorflow/tfjs";
import { batchNorm } from "./batch-norm.js";

await tf.setBackend("cpu");

const random = (seed, shape, std = 1) => tf.randomNormal(shape, 0, std, "float32", seed);
const points = random(5, [32, 2]);
const [right, up] = points.greater(0).toFloat().split(2, 1);
const labels = tf.oneHot(right.mul(2).add(up).squeeze().toInt(), 4);

const first = tf.variable(random(6, [2, 8]));
const gamma = tf.variable(tf.ones([8]));
const beta = tf.variable(tf.zeros([8]));
const second = tf.variable(random(7, [8, 4], 0.3));

const loss = () => {
  const hidden = batchNorm(points.matMul(first), gamma, beta).tanh();
  return tf.losses.softmaxCrossEntropy(labels, hidden.matMul(second));
};
const optimizer = tf.train.sgd(0.5);
for (let step = 1; step <= 10; step++) console.log(optimizer.minimize(loss, true).dataSync()[0]);
