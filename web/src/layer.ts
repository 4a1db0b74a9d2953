/// <reference lib="esnext.disposable" preserve="true" />
import { boolean, ddofOf, isFloatArray, isLeftOut, kindOf, oneOf, settle, shareOf } from "./arguments.ts";
import { checkAffine, refuseRunning } from "./batch-norm.ts";
import type { FloatArray } from "./float-array.ts";
import { type Module, make, type NormRun } from "./module.ts";
import { type CheckedNorm, channelsOf, type NormOptions, normNames, normOf, notEmpty } from "./norm.ts";
import { type NamesOf, optionsOf } from "./options.ts";
import type { ForwardOptions } from "./passes.ts";
import { prepare } from "./prepare.ts";
import { momentumOf, type RunningRule } from "./running.ts";
import { fault } from "./sentences.ts";

/** The type of a layer's numbers. */
export type Dtype = "float32" | "float64";
/** The typed array that holds such numbers. */
export type ArrayOf<D extends Dtype> = D extends "float64" ? Float64Array : Float32Array;

/** The options of `layer`. An option of another norm throws `invalid-norm` or `no-running-statistics`. */
export interface LayerOptions<D extends Dtype = Dtype, A extends FloatArray = ArrayOf<D>>
  extends NormOptions,
    RunningRule,
    Pick<ForwardOptions, "eps" | "ddof"> {
  /** Default: that of gamma or beta, if one is given, or "float32". Else `invalid-dtype`. */
  dtype?: D | undefined;
  /** The initial scale, which is copied, of the dtype. Default, or null: all ones, or zeros with unitOffset. */
  gamma?: A | null | undefined;
  /** The initial shift, which is copied, of the dtype. Default, or null: all zeros. */
  beta?: A | null | undefined;
  /** Of batch norm: the initial running mean, which is copied, of the dtype. Default, or null: all zeros. */
  runningMean?: A | null | undefined;
  /** Of batch norm: the initial running variance, which is copied, of the dtype. Default, or null: all ones. */
  runningVar?: A | null | undefined;
  /** The layer's `training`. Default true. Else `not-a-boolean`. */
  training?: boolean | undefined;
  /**
   * Whether the running variance is updated with the unbiased variance, /(m - 1), as in PyTorch (default), or with the
   * population variance, /m, as in Keras and CS231n; independent of ddof. Training with the unbiased one needs two
   * values per channel. Else `not-a-boolean`.
   */
  unbiasedRunningVariance?: boolean | undefined;
}

const layerOptions = (): NamesOf<LayerOptions> => ({
  ...normNames,
  dtype: 0,
  gamma: 0,
  beta: 0,
  runningMean: 0,
  runningVar: 0,
  eps: 0,
  ddof: 0,
  training: 0,
  momentum: 0,
  decay: 0,
  unbiasedRunningVariance: 0,
});
const kKinds = { float32: "Float32", float64: "Float64" } as const;

/** Browsers without `using` lack this symbol; compilers that replace `using` look for this one. */
const kDispose: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for("Symbol.dispose") as never);

/**
 * A layer whose tensors stay in the kernels' memory, so that a pass copies nothing. Every array is a fresh view of that
 * memory: fill or read it at once, since any call that allocates may detach it. gamma and runningVar start as ones,
 * everything else as zeros, unless the options say otherwise. A pass allocates nothing. A call that throws leaves everything unchanged.
 */
export class Layer<A extends FloatArray = FloatArray> {
  /**
   * True (default): forward() normalizes by the batch and updates the running statistics. False: it normalizes by the
   * running statistics. Both are the same for other norms than batch norm. Throws `not-a-boolean`.
   */
  get training(): boolean {
    return this.#training;
  }
  /** Throws `not-a-boolean`, and `disposed` after dispose(). */
  set training(value: boolean) {
    this.#live();
    this.#training = boolean("training", value);
  }

  // Set in the constructor: a class with a computed name would stay in every bundle.
  /** For `using`: the same as `dispose`. */
  declare readonly [kDispose]: () => void;

  /**
   * Of batch norm: the weight of a new batch in the running statistics, 0 to 1; else `invalid-momentum`. Throws
   * `no-running-statistics` for another norm.
   */
  get momentum(): number {
    refuseRunning(this.#tensor.norm, { momentum: true });
    return this.#momentum;
  }
  /** For the passes to come. Throws as the getter does, and `disposed` after dispose(). */
  set momentum(value: number) {
    const run = this.#live();
    refuseRunning(this.#tensor.norm, { momentum: true });
    this.#momentum = shareOf("momentum", "invalid-momentum", value);
    run.track(value, this.#unbiased);
  }

  #training: boolean;
  #momentum: number;
  #run: NormRun | undefined;
  readonly #tensor: CheckedNorm;
  readonly #unbiased: boolean;
  readonly #eps: number;
  readonly #ddof: 0 | 1;
  readonly #needsTwo: boolean;
  /** The pass that computed y. */
  #lastPass: "training" | "eval" | undefined;

  /** Called by `bn.layer`. */
  constructor(module: Module, options: LayerOptions) {
    const given = optionsOf<LayerOptions>("options", options, layerOptions());
    const { gamma, beta, runningMean, runningVar, eps = 1e-5, ddof = 0, training = true } = given;
    const { momentum, decay, unbiasedRunningVariance: unbiased = true } = given;
    const typed = [gamma, beta, runningMean, runningVar].find(isFloatArray);
    const { dtype = typed && kindOf(typed) === "Float64" ? "float64" : "float32" } = given;
    const tensor = normOf("", given, 0);
    const { norm, shape, m, unitOffset } = tensor;
    const kind = kKinds[oneOf("dtype", "invalid-dtype", dtype, ["float32", "float64"])];
    checkAffine(tensor, kind, gamma, beta, eps, false);
    ddofOf("ddof", ddof, m === 0 ? 2 : m, norm); // an empty batch is for forward() to refuse
    const { unbiasedRunningVariance } = given;
    refuseRunning(norm, { runningMean, runningVar, momentum, decay, unbiasedRunningVariance });
    for (const [name, values] of Object.entries({ runningMean, runningVar })) {
      if (!isLeftOut(values)) channelsOf(name, values, { ...tensor, kind }, false);
    }
    this.#momentum = momentumOf(given);
    this.#unbiased = boolean("unbiasedRunningVariance", unbiased);
    this.#training = boolean("training", training);
    [this.#tensor, this.#eps, this.#ddof] = [tensor, eps, ddof];
    this.#needsTwo = norm === "batch" && unbiased && m === 1;
    const run = make(module[`NormRun${kind}`], shape);
    try {
      prepare(run, tensor, { gamma, beta, runningMean, runningVar }, true);
    } catch (error) {
      run.delete();
      throw error;
    }
    if (!gamma && !unitOffset) run.gamma().fill(1);
    if (norm === "batch") {
      if (!runningVar) run.runningVar().fill(1);
      run.track(this.#momentum, unbiased);
    }
    this.#run = run;
    Object.defineProperty(this, kDispose, { value: () => this.dispose() });
  }

  /** A copy. */
  get shape(): readonly number[] {
    return [...this.#tensor.shape];
  }
  /** Input of forward(), as many values as the shape has, which may be none. */
  get x(): A {
    return this.#live().x() as A;
  }
  /** Output of forward(), like x. */
  get y(): A {
    return this.#live().y() as A;
  }
  /** Input of backward(): the gradient of the loss with respect to y, like x. */
  get dy(): A {
    return this.#live().dy() as A;
  }
  /** Output of backward(): the gradient with respect to x, like x. */
  get dx(): A {
    return this.#live().dx() as A;
  }
  /** Input of both passes: the scale, one value per channel or of the normalized dims. */
  get gamma(): A {
    return this.#live().gamma() as A;
  }
  /** Input of forward(): the shift, like gamma. Empty for RMS norm, as is dbeta. */
  get beta(): A {
    return this.#live().beta() as A;
  }
  /** Output of backward(), like gamma: overwritten, not accumulated. */
  get dgamma(): A {
    return this.#live().dgamma() as A;
  }
  /** Output of backward(), like beta: overwritten, not accumulated. */
  get dbeta(): A {
    return this.#live().dbeta() as A;
  }
  /** Of batch norm: the mean in eval mode, one value per channel; updated by forward() in training mode. */
  get runningMean(): A {
    const run = this.#live();
    refuseRunning(this.#tensor.norm, { runningMean: true });
    return run.runningMean() as A;
  }
  /** Of batch norm: the variance in eval mode, one value per channel; updated by forward() in training mode. */
  get runningVar(): A {
    const run = this.#live();
    refuseRunning(this.#tensor.norm, { runningVar: true });
    return run.runningVar() as A;
  }

  /**
   * Computes y from x, gamma and beta. In training it throws `one-value-per-channel` if there is no unbiased running
   * variance, and `empty-batch`; in eval mode y of an empty batch is empty.
   */
  forward(): void {
    const run = this.#live();
    if (this.#training && this.#needsTwo) {
      throw fault("one-value-in-training", "forward()", { shape: this.shape });
    }
    const { norm, shape } = this.#tensor;
    const frozen = norm === "batch" && !this.#training;
    if (!frozen) notEmpty("forward()", this.#tensor);
    if (!this.#isEmpty)
      settle(frozen ? run.infer(this.#eps) : run.forward(this.#eps, this.#ddof), "forward()", shape);
    this.#lastPass = frozen ? "eval" : "training";
  }

  /**
   * Computes dx, dgamma and dbeta from dy, for the last forward(), even if `training` has changed since. It reads x and
   * gamma again, and in eval mode the running statistics: don't change them after forward(). Throws `no-forward`.
   */
  backward(): void {
    const run = this.#live();
    if (this.#lastPass === undefined) throw fault("no-forward", "backward()", {});
    const frozen = this.#lastPass === "eval";
    if (this.#isEmpty) return; // dgamma and dbeta are 0, as they began
    settle(
      frozen ? run.inferBackward(this.#eps) : run.backward(this.#ddof),
      "backward()",
      this.#tensor.shape,
    );
  }

  /**
   * Frees the memory. Don't use older views: other data will use their memory. A second call does nothing. Afterwards
   * the arrays, the passes and a change of `training` or `momentum` throw `disposed`.
   */
  dispose(): void {
    this.#run?.delete();
    this.#run = undefined;
  }

  get #isEmpty(): boolean {
    return this.#tensor.shape.includes(0);
  }

  #live(): NormRun {
    if (this.#run) return this.#run;
    throw fault("disposed", "layer", {});
  }
}
