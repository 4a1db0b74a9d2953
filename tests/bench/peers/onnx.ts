/**
 * ONNX Runtime Web on one thread of its wasm backend, float32, forward only: a model of one node, gamma and beta constants
 * in it. Batch norm runs in eval mode, since the training mode is not supported. Each run copies x in and y out.
 */
import * as ort from "onnxruntime-web/wasm";
import { type Case, type Inputs, inputsOf, viewOf } from "../case.ts";
import type { Make } from "../contestant.ts";
import { agree, expected } from "../plain.ts";
import { onnxModel } from "./onnx-model.ts";

/** folder: where its wasm file is; Node finds it by itself. */
export async function onnx(folder?: string): Promise<{ version: string; make: Make }> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "error";
  if (folder) ort.env.wasm.wasmPaths = { wasm: `${folder}ort-wasm-simd-threaded.wasm` };
  return { version: ort.env.versions.web ?? "", make };
}

const kOperators = {
  batch: "BatchNormalization",
  layer: "LayerNormalization",
  rms: "RMSNormalization",
  group: "GroupNormalization",
  instance: "InstanceNormalization",
} as const;
const kOpset = 23; // the first with RMSNormalization

const make: Make = async (of) => {
  if (of.dtype === "float64") return {}; // most of its operators have none
  const inputs = inputsOf(of);
  const eps = 1e-5;
  const gamma = inputs.gamma as Float32Array;
  const beta = inputs.beta as Float32Array;
  const constants: Record<string, Float32Array> = of.norm === "rms" ? { gamma } : { gamma, beta };
  // Statistics with which eval mode computes what training mode does.
  if (of.norm === "batch") Object.assign(constants, statisticsOf(of, inputs));
  const attributes: Record<string, number> = { epsilon: eps };
  if (of.norm === "layer" || of.norm === "rms") attributes["axis"] = of.shape.length - 1;
  if (of.norm === "group") attributes["num_groups"] = of.groups;

  const model = onnxModel(kOperators[of.norm], kOpset, of.shape, constants, attributes);
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const x = new ort.Tensor("float32", inputs.x as Float32Array, [...of.shape]);
  const run = () => session.run({ x });
  agree("its y", (await run())["y"]?.data ?? [], expected(of, inputs).y);
  return { [of.norm === "batch" ? "infer" : "forward"]: run, dispose: () => session.release() };
};

function statisticsOf(of: Case, { x }: Inputs): Record<"mean" | "var", Float32Array> {
  const [, channels = 1, ...rest] = viewOf(of).shape;
  const inner = rest.reduce((product, extent) => product * extent, 1);
  const m = x.length / channels;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (const [i, value] of x.entries()) {
    const c = Math.floor(i / inner) % channels;
    sums[c] = (sums[c] as number) + value;
    squares[c] = (squares[c] as number) + value * value; // x is around 0, so that nothing cancels
  }
  const mean = Float32Array.from(sums, (sum) => sum / m);
  return { mean, var: Float32Array.from(squares, (sum, c) => sum / m - (mean[c] as number) ** 2) };
}
