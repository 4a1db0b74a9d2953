import type { Backnorm, Case, Trace } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";
import { faultOf } from "./fetching.ts";
import type { Origin } from "./origin.ts";
import type { Said, Scene } from "./scene.ts";

/** Up to this N²·D, a check fits between two frames and runs at once. */
const kWorkAtOnce = 120_000;

/** A gradient to which a mistake gives another shape can't be drawn in its node, so it shows as NaN. */
const inShape = (trace: Trace<Float64Array>): Trace<Float64Array> => ({
  ...trace,
  nodes: trace.nodes.map((node) =>
    node.gradShape.join() === node.shape.join()
      ? node
      : { ...node, grad: new Float64Array(node.value.length).fill(Number.NaN) },
  ),
});

/** A case with everything that is computed at once; a large case has no report yet. Throws the package's errors. */
function compute(bn: Backnorm, kase: Case<Float64Array>, mistake: string): Computed {
  const [rows, columns] = kase.shape as [number, number];
  const check = rows * rows * columns <= kWorkAtOnce;
  const { trace, report, origins } = bn.examine(kase, { mistakes: mistake ? [mistake] : [], check });
  const wrongHere = new Set(origins);
  return {
    kase,
    rows,
    columns,
    trace: inShape(trace),
    report: report ?? undefined,
    wrongHere,
    givenUp: false,
  };
}

/** Computes small cases at once, and checks large ones in slices. */
export class Computing {
  readonly #scene: Scene;
  #check: AbortController | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Computes and shows a case. If that fails, the page does not change, and the return value says why. */
  show(kase: Case<Float64Array>, mistake: string, origin: Origin): Said | undefined {
    const scene = this.#scene;
    try {
      const computed = compute(scene.bn as Backnorm, kase, mistake);
      this.#check?.abort();
      scene.set({ computed, mistake, origin, draft: undefined, progress: undefined });
    } catch (error) {
      return faultOf(error);
    }
    if (!scene.computed?.report) this.#checkInSlices(kase);
    return undefined;
  }

  /** Cancels a long check. Its verdicts stay open. */
  cancel() {
    if (this.#scene.progress === undefined) return;
    this.#check?.abort();
    this.#giveUp();
  }

  /** Restarts a cancelled check. */
  again() {
    const { computed } = this.#scene;
    if (!computed?.givenUp) return;
    this.#scene.set({ computed: { ...computed, givenUp: false } });
    this.#checkInSlices(computed.kase);
  }

  #giveUp() {
    const scene = this.#scene;
    scene.set({ computed: { ...(scene.computed as Computed), givenUp: true }, progress: undefined });
  }

  async #checkInSlices(kase: Case<Float64Array>) {
    const scene = this.#scene;
    const check = new AbortController();
    this.#check = check;
    scene.set({ progress: 0 });
    try {
      const report = await (scene.bn as Backnorm).gradcheckAsync(kase, {
        signal: check.signal,
        onProgress: (progress) => scene.set({ progress }),
        mistakes: scene.mistake ? [scene.mistake] : [],
      });
      scene.set({ computed: { ...(scene.computed as Computed), report }, progress: undefined });
    } catch (error) {
      if (check.signal.aborted) return; // a newer case has replaced it, or it was cancelled
      this.#giveUp();
      scene.fault(faultOf(error));
    }
  }
}
