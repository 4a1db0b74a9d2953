// What the benchmark calls of TensorFlow.js, which is installed only when it runs.
declare module "@tensorflow/tfjs" {
  export interface Tensor {
    add(other: Tensor | number): Tensor;
    sub(other: Tensor): Tensor;
    mul(other: Tensor): Tensor;
    rsqrt(): Tensor;
    square(): Tensor;
    mean(axes: number[], keepDims: boolean): Tensor;
    dataSync(): Float32Array;
  }
  export const version: Record<string, string>;
  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function tidy<Result>(body: () => Result): Result;
  export function dispose(tensors: Tensor[]): void;
  export function moments(x: Tensor, axes: number[], keepDims?: boolean): { mean: Tensor; variance: Tensor };
  export function batchNorm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor,
    scale: Tensor,
    epsilon: number,
  ): Tensor;
  export function grads<Inputs extends Tensor[]>(
    f: (...inputs: Inputs) => Tensor,
  ): (inputs: Inputs, dy: Tensor) => Tensor[];
  export function tensor(values: ArrayLike<number>, shape: readonly number[]): Tensor;
}

declare module "@tensorflow/tfjs-backend-wasm" {
  export function setWasmPaths(folder: string): void;
  export function setThreadsCount(count: number): void;
}
