/// <reference lib="esnext.disposable" preserve="true" />
import { boolean, ddofOf, describe, nonNegative, objectOf, settle, shapeOf, shapeText } from "./arguments.ts";
import { extents, type Layout, layoutOf } from "./batch-norm.ts";
import { BacknormRangeError, BacknormTypeError, type ErrorCode } from "./errors.ts";
import type { FloatArray, LayerRun, Module } from "./module.ts";

/** The kind of a layer's numbers. */
export type Dtype = "float32" | "float64";

export interface LayerOptions<D extends Dtype = Dtype> {
  /** 2 to 5 positive whole numbers. */
  shape: readonly number[];
  /** Default "channels-first". Of a matrix [N, D], D are the channels either way. */
  layout?: Layout | undefined;
  /** Default "float32". */
  dtype?: D | undefined;
  /** Added to the variance, 0 or greater. Default 1e-5. */
  eps?: number | undefined;
  /** Of the variance that training normalizes by. 0 (default): population, /m. 1: unbiased, /(m - 1). */
  ddof?: 0 | 1 | undefined;
  /** What the running statistics take of the new batch, as in PyTorch: 0 to 1. Default 0.1. */
  momentum?: number | undefined;
  /** What the running statistics keep of the old value, as in Keras and CS231n: 1 - momentum. Give one of the two. */
  decay?: number | undefined;
  /** Whether the running variance is of /(m - 1), as in PyTorch (default), or of /m, as in Keras and CS231n. */
  unbiasedRunningVariance?: boolean | undefined;
}

/**
 * A layer whose tensors stay in the kernels' memory, so that a pass copies nothing. Every array is a fresh view of that
 * memory: fill or read it at once, for a call of anything else that asks for memory may detach it.
 * gamma and runningVar begin as ones, everything else as zeros.
 */
export class Layer<A extends FloatArray = FloatArray> {
  /** Whether forward() normalizes by the batch and updates the running statistics, or by those. Default true. */
  get training(): boolean {
    return this.#training;
  }
  set training(value: boolean) {
    this.#training = boolean("training", value);
  }

  #training = true;
  #run: LayerRun | undefined;
  readonly #shape: readonly number[];
  readonly #needsTwo: boolean;
  /** By which pass y was made. */
  #lastPass: "training" | "eval" | undefined;

  /** Called by `bn.layer`. */
  constructor(module: Module, options: LayerOptions) {
    const given = objectOf("options", options) as unknown as LayerOptions;
    const { layout = "channels-first", dtype = "float32", eps = 1e-5, ddof = 0 } = given;
    const { unbiasedRunningVariance = true } = given;
    const shape = shapeOf("shape", given.shape, 2, 5);
    const [outer, channels, inner] = extents(shape, layoutOf("layout", layout));
    const kind = kindOf(dtype);
    nonNegative("eps", "invalid-eps", eps);
    ddofOf("ddof", ddof, outer * inner);
    const momentum = momentumOf(given);
    boolean("unbiasedRunningVariance", unbiasedRunningVariance);
    this.#shape = shape;
    this.#needsTwo = unbiasedRunningVariance && outer * inner === 1;
    const run = new module[`Layer${kind}`]();
    try {
      settle(run.reserve(outer, channels, inner), "shape", shape);
    } catch (error) {
      run.delete();
      throw error;
    }
    run.configure(eps, ddof, momentum, unbiasedRunningVariance);
    this.#run = run;
  }

  get shape(): readonly number[] {
    return [...this.#shape];
  }
  /** Input. */
  get x(): A {
    return this.#live().x() as A;
  }
  get y(): A {
    return this.#live().y() as A;
  }
  /** Input of backward(): the gradient of the loss with respect to y. */
  get dy(): A {
    return this.#live().dy() as A;
  }
  get dx(): A {
    return this.#live().dx() as A;
  }
  get gamma(): A {
    return this.#live().gamma() as A;
  }
  get beta(): A {
    return this.#live().beta() as A;
  }
  get dgamma(): A {
    return this.#live().dgamma() as A;
  }
  get dbeta(): A {
    return this.#live().dbeta() as A;
  }
  get runningMean(): A {
    return this.#live().runningMean() as A;
  }
  get runningVar(): A {
    return this.#live().runningVar() as A;
  }

  /** y from x, gamma and beta. Throws `one-value-per-channel` where that has no unbiased running variance. */
  forward(): void {
    const run = this.#live();
    if (this.#training && this.#needsTwo) {
      throw new BacknormRangeError({
        code: "one-value-per-channel",
        argument: "forward()",
        expected: "two or more values per channel, for the running variance is unbiased",
        got: shapeText(this.#shape),
      });
    }
    settle(this.#training ? run.forward() : run.infer(), "forward()", this.#shape);
    this.#lastPass = this.#training ? "training" : "eval";
  }

  /** dx, dgamma and dbeta from dy and the last forward(), whatever `training` is by now. Leave x as it was. */
  backward(): void {
    const run = this.#live();
    if (this.#lastPass === undefined) {
      throw new BacknormRangeError({
        code: "no-forward",
        argument: "backward()",
        expected: "forward() to have run",
        got: "a layer that is new",
      });
    }
    settle(this.#lastPass === "training" ? run.backward() : run.inferBackward(), "backward()", this.#shape);
  }

  /** Frees the memory. Calling it again does nothing; anything else then throws `disposed`. */
  dispose(): void {
    this.#run?.delete();
    this.#run = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(): LayerRun {
    if (this.#run) return this.#run;
    throw new BacknormTypeError({
      code: "disposed",
      argument: "layer",
      expected: "a layer in use",
      got: "one that was disposed of",
    });
  }
}

function kindOf(dtype: unknown): "Float32" | "Float64" {
  if (dtype === "float32") return "Float32";
  if (dtype === "float64") return "Float64";
  throw new BacknormTypeError({
    code: "invalid-dtype",
    argument: "dtype",
    expected: '"float32" or "float64"',
    got: describe(dtype),
  });
}

function momentumOf({ momentum, decay }: LayerOptions): number {
  if (momentum !== undefined && decay !== undefined) {
    throw new BacknormTypeError({
      code: "invalid-momentum",
      argument: "decay",
      expected: "either momentum or decay, which is 1 - momentum",
      got: "both",
    });
  }
  if (decay !== undefined) return 1 - share("decay", "invalid-decay", decay);
  return share("momentum", "invalid-momentum", momentum ?? 0.1);
}

function share(argument: string, code: ErrorCode, value: unknown): number {
  const expected = "a number from 0 to 1";
  if (typeof value !== "number")
    throw new BacknormTypeError({ code, argument, expected, got: describe(value) });
  if (value >= 0 && value <= 1) return value;
  throw new BacknormRangeError({ code, argument, expected, got: String(value) });
}
