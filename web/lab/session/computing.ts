import type { Backnorm, Graph, Trace } from "../../src/index.ts";
import type { Computed } from "../maths/computed.ts";
import { extentOf } from "../maths/graph-facts.ts";
import { type Layout, layoutOf } from "../maths/layout.ts";
import { isFlat, nameOfNorm, type PageCase, workOf } from "../maths/norms.ts";
import { isMistakeIn } from "../model/mistakes.ts";
import { faultOf } from "./fetching.ts";
import {
  isVeryLarge,
  kDiagnosedAtOnce,
  kTracedAtOnce,
  nextTask,
  partsOfCase,
  traceInParts,
} from "./in-parts.ts";
import type { Origin } from "./origin.ts";
import type { Said, Scene } from "./scene.ts";

/** Up to this N²·D, a check fits between two frames and runs at once. */
const kWorkAtOnce = 120_000;

/** What a mistake gives another shape can't be drawn in its node, so it shows as NaN. */
const inShape = (trace: Trace<Float64Array>, graph: Graph, { sheets }: Layout): Trace<Float64Array> => ({
  ...trace,
  nodes: trace.nodes.map((node) => {
    const { rows, columns } = sheets[extentOf(graph, node.id)];
    const lost = () => new Float64Array(rows * columns).fill(Number.NaN);
    const isValue = node.value.length === rows * columns;
    const isGrad = node.gradShape.join() === node.shape.join() && node.grad.length === rows * columns;
    return isValue && isGrad
      ? node
      : { ...node, value: isValue ? node.value : lost(), grad: isGrad ? node.grad : lost() };
  }),
});

/** Whether two arrays have the same numbers. A loop, since typed arrays' every() is slow. */
function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** An array that an edit leaves as it was stays the same object, so that what is drawn of it stays too. */
function keeping(computed: Computed, before: Computed | undefined): Computed {
  if (!before) return computed;
  const kept = (array: Float64Array, old: Float64Array | undefined) =>
    old && isSame(array, old) ? old : array;
  const nodes = computed.trace.nodes.map((node, i) => {
    const { value, grad } = before.trace.nodes[i] ?? {};
    return { ...node, value: kept(node.value, value), grad: kept(node.grad, grad) };
  });
  return { ...computed, trace: { ...computed.trace, nodes } };
}

/** Whether the places where a mistake begins are looked for in slices, and not at once. */
const isLarge = ({ x }: PageCase) => x.length > kDiagnosedAtOnce;

/** A case with everything that is computed at once; a large case has no report yet. Throws the package's errors. */
function compute(bn: Backnorm, kase: PageCase, mistake: string, ready: Ready | undefined): Computed {
  const mistakes = mistake ? [mistake] : [];
  const check = workOf(kase) <= kWorkAtOnce;
  const isReady = ready?.kase === kase && ready.mistake === mistake;
  const { trace, report, origins } = isReady
    ? { trace: ready.trace, report: null, origins: [] }
    : isLarge(kase)
      ? { trace: bn.trace(kase, { mistakes }), report: null, origins: [] }
      : bn.examine(kase, { mistakes, check });
  const graph = bn.graphOf(nameOfNorm(kase)) as Graph;
  const layout = layoutOf(kase);
  return {
    graph,
    kase,
    layout,
    trace: inShape(trace, graph, layout),
    report: report ?? undefined,
    wrongHere: new Set(origins),
    givenUp: false,
  };
}

/** A trace that was computed in parts before its case is shown. */
interface Ready {
  kase: PageCase;
  mistake: string;
  trace: Trace<Float64Array>;
}

/** Computes small cases at once, and checks large ones in slices. */
export class Computing {
  readonly #scene: Scene;
  #check: AbortController | undefined;
  #ready: Ready | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Computes the trace of a very large case in several tasks, before it is shown. */
  async prepare(kase: PageCase, mistake: string) {
    const { bn } = this.#scene;
    if (!bn || !isFlat(kase) || kase.x.length <= kTracedAtOnce) return;
    try {
      this.#ready = { kase, mistake, trace: await traceInParts(bn, kase, mistake ? [mistake] : []) };
    } catch {
      // the same fault appears where the case is shown
    }
  }

  /** Computes and shows a case. If that fails, the page does not change, and the return value says why. */
  show(kase: PageCase, asked: string, origin: Origin): Said | undefined {
    const scene = this.#scene;
    const bn = scene.bn as Backnorm;
    const mistake = isMistakeIn(bn, asked, nameOfNorm(kase)) ? asked : ""; // another norm may not have it
    try {
      const computed = keeping(compute(bn, kase, mistake, this.#ready), scene.computed);
      this.#ready = undefined;
      this.#check?.abort();
      scene.set({ computed, mistake, origin, draft: undefined, progress: undefined });
      scene.rename(computed.graph, computed.layout);
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

  async #checkInSlices(kase: PageCase) {
    const scene = this.#scene;
    const check = new AbortController();
    this.#check = check;
    scene.set({ progress: 0 });
    const { signal } = check;
    const bn = scene.bn as Backnorm;
    const mistakes = scene.mistake ? [scene.mistake] : [];
    if (isVeryLarge(kase)) await nextTask();
    const looks = mistakes.length > 0 && isLarge(kase);
    try {
      const report = await bn.gradcheckAsync(kase, {
        signal,
        onProgress: (progress) => scene.set({ progress: looks ? progress / 2 : progress }),
        mistakes,
      });
      const found = new Set<string>();
      for (const part of looks && isFlat(kase) ? partsOfCase(kase, kDiagnosedAtOnce) : []) {
        await nextTask();
        signal.throwIfAborted();
        for (const origin of bn.examine(part.kase, { mistakes, check: false }).origins) found.add(origin);
        scene.set({ progress: (1 + (part.first + part.count) / (kase.shape[1] as number)) / 2 });
      }
      const computed = scene.computed as Computed;
      const wrongHere = looks ? found : computed.wrongHere;
      scene.set({ computed: { ...computed, report, wrongHere }, progress: undefined });
    } catch (error) {
      if (check.signal.aborted) return; // a newer case has replaced it, or it was cancelled
      this.#giveUp();
      scene.fault(faultOf(error));
    }
  }
}
