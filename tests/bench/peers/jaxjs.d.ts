// What the benchmark calls of jax-js, which is installed only when it runs.
declare module "@jax-js/jax" {
  export interface Array {
    /** Itself, owned once more: every function frees what it is given. */
    readonly ref: Array;
    add(other: Array | number): Array;
    sub(other: Array): Array;
    mul(other: Array): Array;
    div(other: Array): Array;
    sum(): Array;
    data(): Promise<Float32Array | Float64Array>;
    dispose(): void;
  }
  type Of<Result> = (...inputs: Array[]) => Result;
  export const numpy: {
    array(
      values: Float32Array | Float64Array,
      options: { shape: number[]; dtype: "float32" | "float64" },
    ): Array;
    mean(values: Array, axes: number[], options: { keepdims: boolean }): Array;
    square(values: Array): Array;
    sqrt(values: Array): Array;
  };
  export function init(device: string): Promise<string[]>;
  export function defaultDevice(device: string): string;
  export function jit<Result>(f: Of<Result>): Of<Result> & { dispose(): void };
  export function grad(f: Of<Array>, options: { argnums: number[] }): Of<Array[]>;
  export function blockUntilReady(values: Array[]): Promise<Array[]>;
}
