/**
 * What is timed in JavaScript: our layer, the memory itself, plain loops, and TensorFlow.js on its wasm backend. The same
 * file runs in Node and, bundled by browser.ts, in Chromium.
 */
import { type Dtype, load } from "backnorm";
import type { Contestant, Make, Pass } from "./contestant.ts";

const kLeastMilliseconds = 20;

class InThisProcess implements Contestant {
  readonly name: string;
  readonly version: string;
  readonly #make: Make;
  #passes: ReturnType<Make> = {};
  #counts = new Map<Pass, number>();

  constructor(name: string, version: string, make: Make) {
    this.name = name;
    this.version = version;
    this.#make = make;
  }

  async prepare(shape: readonly number[], dtype: Dtype) {
    this.#passes.dispose?.();
    this.#counts.clear();
    this.#passes = this.#make(shape, dtype);
    return Object.keys(this.#passes).filter((key): key is Pass => key !== "dispose");
  }

  async time(pass: Pass) {
    const run = this.#passes[pass];
    if (!run) throw new Error(`${this.name} has no ${pass}`);
    for (let count = this.#counts.get(pass) ?? 1; ; ) {
      const begun = performance.now();
      for (let i = 0; i < count; i++) run();
      const passed = performance.now() - begun;
      this.#counts.set(pass, count);
      if (passed >= kLeastMilliseconds) return (passed / count) * 1000;
      count = Math.max(2 * count, Math.ceil((count * 1.25 * kLeastMilliseconds) / Math.max(passed, 0.01)));
    }
  }
}

/** x spreads around 0, dy too; both are random, so that no multiplication is by a number that it likes. */
function fill(x: Float32Array | Float64Array, dy: Float32Array | Float64Array) {
  for (let i = 0; i < x.length; i++) {
    x[i] = Math.random() + Math.random() - 1;
    dy[i] = Math.random() - 0.5;
  }
}

async function backnorm(): Promise<Contestant> {
  const bn = await load({ engine: "webassembly" });
  return new InThisProcess("backnorm", "", (shape, dtype) => {
    const layer = bn.layer<Dtype>({ shape, dtype });
    fill(layer.x, layer.dy);
    layer.forward();
    return {
      forward: () => layer.forward(),
      backward: () => layer.backward(),
      dispose: () => layer.dispose(),
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
  return new InThisProcess("memory", "", (shape, dtype) => {
    const words = shape.reduce((size, extent) => size * extent, dtype === "float64" ? 2 : 1);
    const [a, b, c] = [base, base + 4 * words, base + 8 * words];
    return {
      copy: () => traffic.copy(b, a, words),
      triad: () => traffic.triad(c, a, b, words),
      read: () => void traffic.read(a, words),
    };
  });
}

/** What one writes by hand: loops in the order of memory, sums in float64, mean and variance in two passes. */
function plain(): Contestant {
  return new InThisProcess("plain JavaScript", "", (shape, dtype) => {
    const [outer = 0, channels = 0, ...rest] = shape;
    const inner = rest.reduce((product, extent) => product * extent, 1);
    const size = outer * channels * inner;
    const m = outer * inner;
    const Floats = dtype === "float32" ? Float32Array : Float64Array;
    const [x, y, dy, dx] = [new Floats(size), new Floats(size), new Floats(size), new Floats(size)];
    const [gamma, beta, dgamma, dbeta] = Array.from({ length: 4 }, () => new Floats(channels));
    const [mean, invstd, sums] = Array.from({ length: 3 }, () => new Float64Array(channels));
    fill(x, dy);
    gamma?.fill(1);

    function forward(
      gamma: Float32Array | Float64Array,
      beta: Float32Array | Float64Array,
      mean: Float64Array,
      invstd: Float64Array,
      sums: Float64Array,
    ) {
      mean.fill(0);
      sums.fill(0);
      for (let n = 0, i = 0; n < outer; n++) {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          for (const end = i + inner; i < end; i++) sum += x[i] as number;
          mean[c] = (mean[c] as number) + sum;
        }
      }
      for (let c = 0; c < channels; c++) mean[c] = (mean[c] as number) / m;
      for (let n = 0, i = 0; n < outer; n++) {
        for (let c = 0; c < channels; c++) {
          const mu = mean[c] as number;
          let sum = 0;
          for (const end = i + inner; i < end; i++) sum += ((x[i] as number) - mu) ** 2;
          sums[c] = (sums[c] as number) + sum;
        }
      }
      for (let c = 0; c < channels; c++) invstd[c] = 1 / Math.sqrt((sums[c] as number) / m + 1e-5);
      for (let n = 0, i = 0; n < outer; n++) {
        for (let c = 0; c < channels; c++) {
          const mu = mean[c] as number;
          const scale = (invstd[c] as number) * (gamma[c] as number);
          const shift = beta[c] as number;
          for (const end = i + inner; i < end; i++) y[i] = ((x[i] as number) - mu) * scale + shift;
        }
      }
    }

    function backward(
      gamma: Float32Array | Float64Array,
      dgamma: Float32Array | Float64Array,
      dbeta: Float32Array | Float64Array,
      mean: Float64Array,
      invstd: Float64Array,
    ) {
      dgamma.fill(0);
      dbeta.fill(0);
      for (let n = 0, i = 0; n < outer; n++) {
        for (let c = 0; c < channels; c++) {
          const mu = mean[c] as number;
          let p = 0;
          let q = 0;
          for (const end = i + inner; i < end; i++) {
            const d = dy[i] as number;
            p += d;
            q += d * ((x[i] as number) - mu);
          }
          dbeta[c] = (dbeta[c] as number) + p;
          dgamma[c] = (dgamma[c] as number) + q * (invstd[c] as number);
        }
      }
      for (let n = 0, i = 0; n < outer; n++) {
        for (let c = 0; c < channels; c++) {
          const mu = mean[c] as number;
          const scale = (invstd[c] as number) * (gamma[c] as number);
          const ofMean = (dbeta[c] as number) / m;
          const ofVar = ((dgamma[c] as number) * (invstd[c] as number)) / m;
          for (const end = i + inner; i < end; i++) {
            dx[i] = scale * ((dy[i] as number) - ofMean - ((x[i] as number) - mu) * ofVar);
          }
        }
      }
    }

    const all = { gamma, beta, dgamma, dbeta, mean, invstd, sums } as Required<Record<string, Float64Array>>;
    const of = (name: string) => all[name] as Float64Array;
    forward(of("gamma"), of("beta"), of("mean"), of("invstd"), of("sums"));
    return {
      forward: () => forward(of("gamma"), of("beta"), of("mean"), of("invstd"), of("sums")),
      backward: () => backward(of("gamma"), of("dgamma"), of("dbeta"), of("mean"), of("invstd")),
    };
  });
}

export interface Files {
  /** traffic.cpp, compiled. */
  traffic: BufferSource;
  /** The folder of TensorFlow.js's wasm files; Node finds them by itself. */
  tensorflow?: string;
}

/** All of them; TensorFlow.js only where it is installed. */
export async function contestants(files: Files): Promise<Contestant[]> {
  const all = [await backnorm(), await memory(files.traffic), plain()];
  try {
    const { tensorflow } = await import("./peers/tensorflow.ts");
    const { version, make } = await tensorflow(files.tensorflow);
    all.push(new InThisProcess("TensorFlow.js", version, make));
  } catch (error) {
    console.error(`TensorFlow.js did not start: ${(error as Error).message}`);
  }
  return all;
}
