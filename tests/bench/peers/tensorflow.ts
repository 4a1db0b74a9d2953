/**
 * TensorFlow.js on its wasm backend, float32. A matrix goes through moments and its fused batchNorm. That knows
 * channels-last only, so an image goes through the formula in channels-first, written out. Both gradients are `tf.grads`
 * through the moments: the gradient of batchNorm itself takes mean and variance as given.
 */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Make } from "../contestant.ts";

/** folder: where its wasm files are; Node finds them by itself. */
export async function tensorflow(folder?: string): Promise<{ version: string; make: Make }> {
  if (folder) setWasmPaths(folder);
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("it has no wasm backend here");
  return { version: tf.version["tfjs"] ?? "", make };
}

const make: Make = (shape, dtype) => {
  if (dtype === "float64") return {};
  const isMatrix = shape.length === 2;
  const perChannel = isMatrix ? shape.slice(1) : shape.map((extent, axis) => (axis === 1 ? extent : 1));
  const x = tf.randomUniform([...shape], -1, 1);
  const dy = tf.randomUniform([...shape], -0.5, 0.5);
  const gamma = tf.ones(perChannel);
  const beta = tf.zeros(perChannel);
  const gradients = tf.grads(isMatrix ? normalizeMatrix : normalizeImage);
  const normalize = isMatrix ? normalizeMatrix : normalizeImage;
  return {
    forward: () => tf.tidy(() => void normalize(x, gamma, beta)),
    both: () => tf.tidy(() => void gradients([x, gamma, beta], dy)),
    dispose: () => tf.dispose([x, dy, gamma, beta]),
  };
};

function normalizeMatrix(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0]);
  return tf.batchNorm(x, mean, variance, beta, gamma, 1e-5);
}

function normalizeImage(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 2, 3], true);
  return x.sub(mean).mul(variance.add(1e-5).rsqrt().mul(gamma)).add(beta);
}
