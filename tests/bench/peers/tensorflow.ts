/**
 * TensorFlow.js on its wasm backend, float32. Batch norm of a matrix goes through moments and its fused batchNorm. That
 * knows channels-last only, and no other norm, so all else is the formula in its operations, written out. The gradients are
 * `tf.grads` through the moments: the gradient of batchNorm itself takes mean and variance as given.
 */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type Case, inputsOf, viewOf } from "../case.ts";
import type { Make } from "../contestant.ts";
import { agree, expected } from "../plain.ts";

/** folder: where its wasm files are; Node finds them by itself. */
export async function tensorflow(folder?: string): Promise<{ version: string; make: Make }> {
  if (folder) setWasmPaths(folder);
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("it has no wasm backend here");
  return { version: tf.version["tfjs"] ?? "", make };
}

const make: Make = (of) => {
  if (of.dtype === "float64") return {};
  const { shape, parameters } = viewOf(of);
  const inputs = inputsOf(of);
  const normalize = normalizeOf(of);
  const gradients = tf.grads(normalize);
  const isMatrix = of.norm === "batch" && shape.length === 2;
  const perParameter = isMatrix ? shape.slice(1) : parameters;
  const x = tf.tensor(inputs.x, shape);
  const dy = tf.tensor(inputs.dy, shape);
  const gamma = tf.tensor(inputs.gamma, perParameter);
  const beta = of.norm === "rms" ? [] : [tf.tensor(inputs.beta, perParameter)];

  const want = expected(of, inputs);
  tf.tidy(() => {
    agree("its y", normalize(x, gamma, ...beta).dataSync(), want.y);
    const [dx, dgamma] = gradients([x, gamma, ...beta], dy) as [tf.Tensor, tf.Tensor];
    agree("its dx", dx.dataSync(), want.dx);
    agree("its dgamma", dgamma.dataSync(), want.dgamma);
  });
  return {
    forward: () => tf.tidy(() => void normalize(x, gamma, ...beta)),
    both: () => tf.tidy(() => void gradients([x, gamma, ...beta], dy)),
    dispose: () => tf.dispose([x, dy, gamma, ...beta]),
  };
};

function normalizeOf(of: Case): (...inputs: tf.Tensor[]) => tf.Tensor {
  const { shape, axes } = viewOf(of);
  const all = [...axes];
  const perColumn = of.norm === "layer" || of.norm === "rms";
  return (...inputs) => {
    const [x, gamma, beta] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
    if (of.norm === "rms") return x.mul(x.square().mean(all, true).add(1e-5).rsqrt()).mul(gamma);
    if (of.norm === "batch" && shape.length === 2) {
      const { mean, variance } = tf.moments(x, all);
      return tf.batchNorm(x, mean, variance, beta, gamma, 1e-5);
    }
    const { mean, variance } = tf.moments(x, all, true);
    const invstd = variance.add(1e-5).rsqrt();
    // The smaller product first, where gamma and invstd don't span x between them.
    const scaled = perColumn ? x.sub(mean).mul(invstd).mul(gamma) : x.sub(mean).mul(invstd.mul(gamma));
    return scaled.add(beta);
  };
}
