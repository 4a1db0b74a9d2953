import type { Case } from "./case.ts";

/** infer: the forward pass of batch norm in eval mode. */
export type Pass = "forward" | "backward" | "both" | "infer" | "copy" | "triad" | "read";

/** One side of the comparison, wherever it runs. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  /**
   * Gets ready for a case, forgets the one before, and tells which passes it has; none if it has not that case. Throws
   * if what it computes is wrong.
   */
  prepare(of: Case): Promise<readonly Pass[]>;
  /** Microseconds a call, over a batch of at least 20 ms. */
  time(pass: Pass): Promise<number>;
}

/** Each pass once, or a promise of it; none of them where the contestant has not that case. */
export type Passes = Partial<Record<Pass, () => unknown>> & { dispose?: () => unknown };
export type Make = (of: Case) => Passes | Promise<Passes>;

const kLeastMilliseconds = 20;
/** In which the small calls of TensorFlow.js become four times as fast. */
const kWarmUpMilliseconds = 200;

export class InThisProcess implements Contestant {
  readonly name: string;
  readonly version: string;
  readonly #make: Make;
  #passes: Passes = {};
  #counts = new Map<Pass, number>();
  #isAsync = new Map<Pass, boolean>();

  constructor(name: string, version: string, make: Make) {
    this.name = name;
    this.version = version;
    this.#make = make;
  }

  async prepare(of: Case) {
    await this.#passes.dispose?.();
    this.#passes = {};
    this.#counts.clear();
    this.#isAsync.clear();
    this.#passes = await this.#make(of);
    return Object.keys(this.#passes).filter((key): key is Pass => key !== "dispose");
  }

  async time(pass: Pass) {
    const run = this.#passes[pass];
    if (!run) throw new Error(`${this.name} has no ${pass}`);
    const isAsync = this.#isAsync.get(pass) ?? (await this.#warmUp(pass, run));
    for (let count = this.#counts.get(pass) ?? 1; ; ) {
      const begun = performance.now();
      if (isAsync) for (let i = 0; i < count; i++) await run();
      else for (let i = 0; i < count; i++) run();
      const passed = performance.now() - begun;
      this.#counts.set(pass, count);
      if (passed >= kLeastMilliseconds) return (passed / count) * 1000;
      count = Math.max(2 * count, Math.ceil((count * 1.25 * kLeastMilliseconds) / Math.max(passed, 0.01)));
    }
  }

  /** Runs it until the engine has compiled it, and tells whether it is asynchronous. */
  async #warmUp(pass: Pass, run: () => unknown): Promise<boolean> {
    let isAsync = false;
    for (const begun = performance.now(); performance.now() - begun < kWarmUpMilliseconds; ) {
      const result = run();
      isAsync = result instanceof Promise;
      await result;
    }
    this.#isAsync.set(pass, isAsync);
    return isAsync;
  }
}
