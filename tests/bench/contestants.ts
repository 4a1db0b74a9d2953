/**
 * What is timed in JavaScript: our layer, the memory itself, plain loops, TensorFlow.js, ONNX Runtime Web and jax-js, each
 * on one thread of WebAssembly. The same file runs in Node and, bundled by browser.ts, in Chromium.
 */
import { load } from "backnorm";
import { inputsOf } from "./case.ts";
import { type Contestant, InThisProcess, type Make } from "./contestant.ts";
import { agree, expected, plain } from "./plain.ts";

async function backnorm(): Promise<Contestant> {
  const bn = await load({ engine: "webassembly" });
  return new InThisProcess("backnorm", "", (of) => {
    const { norm, shape, groups, dtype } = of;
    const inputs = inputsOf(of);
    const options = { norm, shape, dtype, groups: norm === "group" ? groups : undefined };
    const layer = bn.layer(options);
    const fill = ({ x, dy, gamma, beta }: typeof layer) => {
      x.set(inputs.x);
      dy.set(inputs.dy);
      gamma.set(inputs.gamma);
      if (norm !== "rms") beta.set(inputs.beta);
    };
    fill(layer);
    layer.forward();
    layer.backward();
    const { y, dx, dgamma, dbeta } = expected(of, inputs);
    agree("our y", layer.y, y);
    agree("our dx", layer.dx, dx);
    agree("our dgamma", layer.dgamma, dgamma);
    if (norm !== "rms") agree("our dbeta", layer.dbeta, dbeta);
    const passes = { forward: () => layer.forward(), backward: () => layer.backward() };
    if (norm !== "batch" || dtype !== "float32") return { ...passes, dispose: () => layer.dispose() };
    // A layer of its own: backward() is that of the last forward().
    const frozen = bn.layer({ ...options, training: false });
    fill(frozen);
    return {
      ...passes,
      infer: () => frozen.forward(),
      dispose: () => {
        layer.dispose();
        frozen.dispose();
      },
    };
  });
}

/** The same traffic as a pass, and next to no arithmetic: traffic.cpp. */
async function memory(wasm: BufferSource): Promise<Contestant> {
  interface Traffic {
    copy(to: number, from: number, size: number): void;
    triad(to: number, a: number, b: number, size: number): void;
    read(from: number, size: number): number;
    memory: WebAssembly.Memory;
  }
  const module = await WebAssembly.compile(wasm);
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] = { ...imports[from], [name]: () => 0 };
  }
  const instance = await WebAssembly.instantiate(module, imports);
  const traffic = instance.exports as unknown as Traffic;
  const base = 2 ** 20; // past the stack
  new Float32Array(traffic.memory.buffer, base).fill(1.5); // pages that were never written are all one page
  return new InThisProcess("memory", "", ({ shape, dtype }) => {
    const words = shape.reduce((size, extent) => size * extent, dtype === "float64" ? 2 : 1);
    const [a, b, c] = [base, base + 4 * words, base + 8 * words];
    return {
      copy: () => traffic.copy(b, a, words),
      triad: () => traffic.triad(c, a, b, words),
      read: () => void traffic.read(a, words),
    };
  });
}

export interface Files {
  /** traffic.cpp, compiled. */
  traffic: BufferSource;
  /** The folder of the peers' wasm files; Node finds them by itself. */
  folder?: string;
}

/** All of them; a peer only where it is installed. In Node jax-js has a process of its own, peers/jax-process.ts. */
export async function contestants({ traffic, folder }: Files): Promise<Contestant[]> {
  const all = [await backnorm(), await memory(traffic), plain()];
  const peers: Record<string, () => Promise<{ version: string; make: Make }>> = {
    "TensorFlow.js": async () => (await import("./peers/tensorflow.ts")).tensorflow(folder),
    "ONNX Runtime Web": async () => (await import("./peers/onnx.ts")).onnx(folder),
  };
  if (folder) peers["jax-js"] = async () => (await import("./peers/jax.ts")).start();
  for (const [name, start] of Object.entries(peers)) {
    try {
      const { version, make } = await start();
      all.push(new InThisProcess(name, version, make));
    } catch (error) {
      console.error(`${name} did not start: ${(error as Error).message}`);
    }
  }
  return all;
}
