// What the benchmark calls of ONNX Runtime Web, which is installed only when it runs.
declare module "onnxruntime-web/wasm" {
  export const env: {
    logLevel: string;
    versions: { web?: string };
    wasm: { numThreads: number; wasmPaths: { wasm: string } };
  };
  export class Tensor {
    constructor(type: "float32", values: Float32Array, shape: number[]);
    readonly data: Float32Array;
  }
  export class InferenceSession {
    static create(model: Uint8Array, options: { executionProviders: string[] }): Promise<InferenceSession>;
    run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
    release(): Promise<void>;
  }
}
